import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import parseCommand from 'string-argv'
import { plainText } from '../reporters/plain.ts'
import type { Target } from '../types/index.ts'
import { CHECK_OPTIONS } from './options.ts'

/** What `npm run check` was asked for. */
export interface CheckArguments {
  /** Labs as typed; empty means all that were begun. */
  labs: string[]
  /** Undefined: each lab's mine.ts. */
  target: Target | undefined
  json: boolean
  junit: string | undefined
  watch: boolean
  cold: boolean
  all: boolean
  hints: boolean
  help: boolean
  seed: number | undefined
  /** Of the first run; each further one takes the next. */
  shake: number | undefined
  repeat: number
}

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * What to say of an error that ended a command: its sentence alone when a person can put it right, else where it came from too.
 * @param task what could not be done: `judge`
 */
export function complaint(error: unknown, task: string): string {
  return plainText(complaintText(error, task))
}

function complaintText(error: unknown, task: string): string {
  if (!(error instanceof Error)) return `Could not ${task}: ${String(error)}\n`
  const code = String((error as { code?: unknown }).code)
  const isExpected = error instanceof UsageError || /^ERR_(NO_LAB|NO_CHECKS)$/.test(code)
  return isExpected ? `${error.message}\n` : `Could not ${task}: ${error.stack ?? error.message}\n`
}

/**
 * Parses the command line of `npm run check`.
 * @param cwd relative paths are meant from here: where the learner typed the command
 * @throws UsageError with a sentence that says what is wrong
 */
export function parseCheckArguments(args: readonly string[], cwd: string): CheckArguments {
  const { values, positionals } = parse(args)
  const text = (name: string): string | undefined => values[name] as string | undefined
  const target = parseTarget(text('file'), text('command'), text('url'), cwd)
  if (target !== undefined && positionals.length !== 1) {
    throw new UsageError('Name the one lab whose checks are to judge it, as in: npm run check 01 -- --file server.ts')
  }
  const junit = text('junit')
  return {
    labs: positionals,
    target,
    json: values['json'] === true,
    junit: junit === undefined ? undefined : resolve(cwd, junit),
    watch: values['watch'] === true,
    cold: values['cold'] === true,
    all: values['all'] === true,
    hints: values['hints'] === true,
    help: values['help'] === true,
    seed: parseCount('seed', text('seed')),
    shake: parseCount('shake', text('shake')),
    repeat: parseCount('repeat', text('repeat')) ?? 1,
  }
}

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  const options = Object.fromEntries(CHECK_OPTIONS.map(({ name, type }) => [name, { type }]))
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0] ?? ''}. \`npm run check -- --help\` lists the options.`)
  }
}

function parseTarget(file?: string, command?: string, url?: string, cwd = ''): Target | undefined {
  const given = [file, command, url].filter((value) => value !== undefined)
  if (given.length > 1) throw new UsageError('--file, --command and --url exclude each other.')
  if (file !== undefined) return { kind: 'file', file: resolve(cwd, file) }
  if (command !== undefined) return { kind: 'command', command: words(command) }
  if (url !== undefined) return { kind: 'url', url: httpUrl(url) }
  return undefined
}

function words(command: string): string[] {
  const parsed = parseCommand(command)
  if (parsed.length === 0) throw new UsageError('--command is empty.')
  return parsed
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:') {
    throw new UsageError(`Expected --url to be like http://192.168.1.20:3000, got "${text}".`)
  }
  return url.origin
}

function parseCount(name: string, text?: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new UsageError(`Expected --${name} to be a whole number from 1 on, got "${text}".`)
  return value
}
