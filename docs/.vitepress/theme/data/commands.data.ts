import { defineLoader } from 'vitepress'
import { CHECK_OPTIONS, CHECK_USAGE, EXIT_CODES, type OptionHelp } from '../../../../test/harness/cli/options.ts'
import { nodeText } from './run-node.ts'

export interface CommandReference {
  usage: string
  options: readonly OptionHelp[]
  exitCodes: readonly { code: number; meaning: string }[]
  /** The help text of `npm run lab`, without its first word. */
  lab: string
}

declare const data: CommandReference
export { data }

// The option table is plain data and imports nothing; it is read at build time and never reaches a page as code.
export default defineLoader({
  watch: ['../../../../test/harness/cli/options.ts', '../../../../test/harness/cli/lab.ts'],
  async load(): Promise<CommandReference> {
    const help = await nodeText('test/harness/cli/lab.ts', '--help')
    const lab = help.replace(/^Usage: /, '').replace(/^ {7}/gm, '').trim()
    return { usage: CHECK_USAGE, options: CHECK_OPTIONS, exitCodes: EXIT_CODES, lab }
  },
})
