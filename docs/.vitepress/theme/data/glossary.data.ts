import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { anchorOf } from '../../glossary.ts'
import { definitionsOf } from '../figure/definitions.ts'

const FILE = fileURLToPath(new URL('../../../reference/glossary.md', import.meta.url))

declare const data: Record<string, string>
export { data }

export default {
  watch: ['../../../reference/glossary.md'],
  /** Each term's definition, by its anchor. */
  load: (): Record<string, string> => definitionsOf(readFileSync(FILE, 'utf8'), anchorOf),
}
