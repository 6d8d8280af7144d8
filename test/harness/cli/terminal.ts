import { closingText, palette, terminalReporter } from '../reporters/terminal.ts'
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

function createBars(write: (text: string) => void, { all, hints }: TerminalArguments): OnEvent {
  let done = 0
  return (event, lab) => {
    if (event.type === 'begin') done = 0
    if (event.type === 'check') done += 1
    if (event.type === 'end') {
      const { verdict } = event
      const passed = verdict.checks.filter((check) => check.state === 'passed').length
      write(`${clearLine()}${bar(lab, passed, verdict.passed)}\n`)
      if (!verdict.passed) write(`${closingText(verdict, { all, hints })}\n`)
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

/** Which checks failed how often, with the seeds to repeat them by. */
function roundsText(verdicts: readonly Verdict[]): string {
  const failures = new Map<string, number[]>()
  for (const verdict of verdicts) {
    for (const name of failedIn(verdict)) failures.set(name, [...(failures.get(name) ?? []), verdict.seed])
  }
  const passed = verdicts.filter((verdict) => verdict.passed).length
  const lines = [...failures].map(([name, seeds]) => `  ${name}: failed ${String(seeds.length)} times, first with --seed ${String(seeds[0])}`)
  return ['', `${String(passed)} of ${String(verdicts.length)} runs passed.`, ...lines, ''].join('\n')
}

function failedIn(verdict: Verdict): string[] {
  if (verdict.problem !== null) return [`${verdict.lab} ${verdict.problem.code}`]
  return verdict.checks.filter((check) => check.state === 'failed').map((check) => `${verdict.lab} ${check.id}`)
}
