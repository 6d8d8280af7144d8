import parseArguments from 'string-argv'
import { BuildProblem, needsEngine } from './build-problem.ts'
import type { Line } from './dockerfile.ts'

/** One command of a RUN, of those that the builder knows. */
export type Command =
  | { kind: 'npm'; args: readonly string[] }
  | { kind: 'rm'; paths: readonly string[]; isForced: boolean; isRecursive: boolean }
  | { kind: 'mkdir'; paths: readonly string[]; makesParents: boolean }

const NPM_COMMANDS = new Set(['ci', 'clean-install', 'install', 'i', 'add', 'prune', 'cache'])

/** Flags that lead out of the image, or to another registry than the lab's. */
const NPM_REFUSED = /^(-g$|-C$|--(global|location|prefix|registry|userconfig|globalconfig|cache|proxy|https-proxy|script-shell|[\w@/-]+:registry)\b)/
/** What the shell would do and this builder does not. */
const SHELL = /[|;<>`$(){}&]/

/**
 * The commands of a RUN that were chained by `&&`.
 * @param words of the shell form, variables not expanded: an ARG in a RUN is the shell's business
 * @throws BuildProblem for what needs a real engine
 */
export function commandsOf(line: Line): Command[] {
  refuseMounts(line)
  if (line.json !== undefined) return [commandOf(line.json, line)]
  return line.words.join(' ').split(/\s*&&\s*/).map((text) => {
    if (SHELL.test(text)) throw needsEngine(line, 'The builder of this workbook chains commands by && and knows nothing else of a shell.')
    return commandOf(parseArguments(text), line)
  })
}

/** True for a line that runs npm to bring packages. */
export function runsNpm(commands: readonly Command[]): boolean {
  return commands.some((command) => command.kind === 'npm' && command.args[0] !== 'cache')
}

function commandOf([program = '', ...args]: readonly string[], line: Line): Command {
  if (program === 'npm') return npmCommand(args, line)
  const flags = args.filter((arg) => arg.startsWith('-')).join('')
  const paths = args.filter((arg) => !arg.startsWith('-'))
  if (program === 'rm') return { kind: 'rm', paths, isForced: /f/.test(flags), isRecursive: /[rR]/.test(flags) }
  if (program === 'mkdir') return { kind: 'mkdir', paths, makesParents: /p/.test(flags) }
  throw needsEngine(line, `The builder of this workbook runs npm, rm and mkdir, and not "${program}".`)
}

function npmCommand(args: readonly string[], line: Line): Command {
  const [name = ''] = args.filter((arg) => !arg.startsWith('-'))
  if (!NPM_COMMANDS.has(name)) {
    throw needsEngine(line, `The builder of this workbook knows npm ci, install, prune and cache, and not "npm ${name}".`)
  }
  const refused = args.find((arg) => NPM_REFUSED.test(arg))
  if (refused !== undefined) throw needsEngine(line, `The builder of this workbook does not take ${refused}.`)
  return { kind: 'npm', args: [name, ...args.filter((arg, index) => index !== args.indexOf(name))] }
}

/** A cache between builds changes how fast a line is, and not what it makes. */
function refuseMounts(line: Line): void {
  const other = line.flags.find(({ name, value }) => name !== 'mount' || !/(^|,)type=cache(,|$)/.test(value))
  if (other !== undefined) throw needsEngine(line, `The builder of this workbook does not know --${other.name}=${other.value}.`)
}

/** @throws BuildProblem for `rm` of what is not there, as rm itself would fail */
export function refuseMissing(path: string, line: Line): never {
  throw new BuildProblem(`rm: there is no ${path} in the image at this line.`, line)
}
