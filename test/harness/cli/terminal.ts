import { median, p95 } from '../quantiles.ts'
import { closingText, palette, terminalReporter } from '../reporters/terminal.ts'
import { count, duration } from '../reporters/plain.ts'
import type { JudgeEvent, LabDefinition, Verdict } from '../types/index.ts'

/** What of the command line decides how much is told. */
export interface TerminalArguments {
  labs: readonly string[]
  json: boolean
  all: boolean
  hints: boolean
  repeat: number
}

/** Tells runs on the terminal; with `--json` it is silent, because stdout is the verdict's alone. */
export interface Terminal {
  /** Takes the judge's events of one lab's run. */
  event(event: JudgeEvent, lab: LabDefinition): void
  /** After the last run: what several labs or several rounds came to. */
  summary(verdicts: readonly Verdict[]): void
  line(text: string): void
  /** Empties the screen, where there is one. */
  clear(): void
}

const BAR_WIDTH = 20

/** One lab is told check by check; several labs, or several rounds of one, by a bar each. */
export function createTerminal(args: TerminalArguments): Terminal {
  const write = (text: string): void => {
    if (!args.json) process.stdout.write(text)
  }
  const isBrief = args.labs.length !== 1 || args.repeat > 1
  return {
    event: isBrief ? createBars(write, args) : createDetails(write, args),
    summary: (verdicts) => {
      if (args.repeat > 1) write(roundsText(verdicts))
      else if (isBrief) write(labsText(verdicts))
    },
    line: (text) => {
      write(`${palette({}).dim(text)}\n`)
    },
    clear: () => {
      if (process.stdout.isTTY) write('\x1b[2J\x1b[3J\x1b[H')
    },
  }
}

type OnEvent = Terminal['event']

/** The headline names the target, which only the end of a run tells: until then the lab's name stands for it. */
function createDetails(write: (text: string) => void, { all, hints }: TerminalArguments): OnEvent {
  let report: ((event: JudgeEvent) => void) | undefined
  return (event, lab) => {
    if (event.type === 'begin') report = terminalReporter(write, lab.title, { all, hints })
    report?.(event)
  }
}

function createBars(write: (text: string) => void, { all, hints, repeat }: TerminalArguments): OnEvent {
  let done = 0
  return (event, lab) => {
    if (event.type === 'begin') done = 0
    if (event.type === 'check') done += 1
    if (event.type === 'end') {
      const { verdict } = event
      const passed = verdict.checks.filter((check) => check.state === 'passed').length
      write(`${clearLine()}${bar(lab, passed, verdict.passed)}\n`)
      if (!verdict.passed) write(`${closingText(verdict, { all, hints })}\n${repeat > 1 ? `  Repeat this run: ${repeatLine(verdict)}\n\n` : ''}`)
    } else if (process.stdout.isTTY) write(`${clearLine()}${bar(lab, done)}`)
  }
}

function clearLine(): string {
  return process.stdout.isTTY ? '\r\x1b[K' : ''
}

/** `✓ 01-request-response  ████████████░░░░░░░░  12 of 20` */
function bar(lab: LabDefinition, count: number, passed?: boolean): string {
  const colors = palette({})
  const total = lab.checks.length
  const filled = Math.round((count / total) * BAR_WIDTH)
  const mark = passed === undefined ? ' ' : passed ? colors.green('✓') : colors.red('✗')
  const blocks = `${'█'.repeat(filled)}${colors.dim('░'.repeat(BAR_WIDTH - filled))}`
  return `${mark} ${lab.slug.padEnd(24)} ${blocks}  ${String(count)} of ${String(total)}`
}

function labsText(verdicts: readonly Verdict[]): string {
  if (verdicts.length < 2) return ''
  const passed = verdicts.filter((verdict) => verdict.passed).length
  return `\n${String(passed)} of ${String(verdicts.length)} labs pass.\n`
}

/** Which checks failed how often, with the seeds to repeat them by, and how long the runs took. */
function roundsText(verdicts: readonly Verdict[]): string {
  const failures = new Map<string, Verdict[]>()
  for (const verdict of verdicts) {
    for (const name of failedIn(verdict)) failures.set(name, [...(failures.get(name) ?? []), verdict])
  }
  const lines = [...failures].map(([name, failed]) => `  ${name}: failed ${times(failed.length)}, first in: ${repeatLine(failed[0] as Verdict)}`)
  return ['', ...labsOf(verdicts).map(labRounds), ...lines, ''].join('\n')
}

/** `00-warm-up: 100 runs, 2 failures; median 92 ms, p95 140 ms` */
function labRounds(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter((verdict) => !verdict.passed).length
  const ms = verdicts.map((verdict) => verdict.ms)
  const time = `median ${duration(median(ms))}, p95 ${duration(p95(ms))}`
  return `${verdicts[0]?.lab ?? ''}: ${count(verdicts.length, 'run')}, ${count(failed, 'failure')}; ${time}`
}

function labsOf(verdicts: readonly Verdict[]): Verdict[][] {
  const slugs = [...new Set(verdicts.map((verdict) => verdict.lab))]
  return slugs.map((slug) => verdicts.filter((verdict) => verdict.lab === slug))
}

function times(number: number): string {
  return number === 1 ? 'once' : `${String(number)} times`
}

/** The command that judges the same program with the same random values, shaken alike. */
export function repeatLine({ lab, target, seed, shake }: Pick<Verdict, 'lab' | 'target' | 'seed' | 'shake'>): string {
  const isMine = target.startsWith('labs/') && /\/mine(\.ts|\/)/.test(target)
  const what = isMine ? '' : /^https?:/.test(target) ? ` --url ${target}` : target.endsWith('.ts') && !target.includes(' ') ? ` --file ${target}` : ` --command "${target}"`
  const shaken = shake === undefined ? '' : ` --shake ${String(shake)}`
  return `npm run check ${lab.slice(0, 2)} --${what} --seed ${String(seed)}${shaken}`
}

function failedIn(verdict: Verdict): string[] {
  if (verdict.problem !== null) return [`${verdict.lab} ${verdict.problem.code}`]
  return verdict.checks.filter((check) => check.state === 'failed').map((check) => `${verdict.lab} ${check.id}`)
}
