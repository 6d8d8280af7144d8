import { defineLoader } from 'vitepress'
import { findSources, type Source } from '../../sources.ts'

declare const data: Source[]
export { data }

export default defineLoader({
  watch: ['../../../[0-9][0-9]-*/index.md'],
  load: (): Source[] => findSources(),
})
