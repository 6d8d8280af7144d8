import { defineLoader } from 'vitepress'
import { findParts, type Part } from '../../chapters.ts'

declare const data: Part[]
export { data }

export default defineLoader({
  watch: ['../../../[0-9][0-9]-*/index.md'],
  load: (): Part[] => findParts(),
})
