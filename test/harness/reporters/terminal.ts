/** What a learner reads in a terminal. */
import pc from 'picocolors'
import type { CheckResult, CheckState, JudgeEvent, Measure, Verdict } from '../types/index.ts'
import { count, duration, plainLine } from './plain.ts'
import { failureSections, problemSections, wrap, type Section } from './sections.ts'

export interface TerminalOptions {
  /** Tells every failed check in full. Default: the first one, and one line for each other. */
  all?: boolean
  /** Tells all three levels of each hint. Default: the first two. */
  hints?: boolean
  /** Default: what the terminal and NO_COLOR say. */
  color?: boolean
}

export type Palette = ReturnType<typeof pc.createColors>

const MARKS: Record<CheckState, string> = { passed: '✓', failed: '✗', skipped: '–' }

/** From so many failures on, one cause behind most of them is likelier than several. */
const MANY_FAILURES = 5

/** A whole verdict: the list of checks, the failures, the remarks, the summary. Ends with a line feed. */
export function verdictText(verdict: Verdict, options: TerminalOptions = {}): string {
  const colors = palette(options)
  const width = idWidth(verdict.checks)
  const list = verdict.problem === null ? verdict.checks.map((check) => checkLine(check, { ...options, width })) : []
  return [headline(verdict.lab, verdict.target, colors), '', ...list, ...closing(verdict, options)].join('\n')
}

/** What follows the list of checks: the failures or the closed gate, the remarks, the summary. Ends with a line feed. */
export function closingText(verdict: Verdict, options: TerminalOptions = {}): string {
  return closing(verdict, options).join('\n')
}

/** One check in one line, `✓ lists  GET /shows answers 200 with an array  12 ms`, and under it what it measured, if anything. */
export function checkLine(result: CheckResult, options: TerminalOptions & { width?: number } = {}): string {
  const colors = palette(options)
  const mark = paint(result.state, colors)(MARKS[result.state])
  const id = result.id.padEnd(options.width ?? 0)
  const why = result.state === 'skipped' && result.message !== undefined ? ` (${plainLine(result.message, 80)})` : ''
  const time = result.state === 'skipped' ? '' : `  ${colors.dim(duration(result.ms))}`
  const measured = result.measures === undefined ? '' : `\n    ${colors.dim(`measured: ${result.measures.map(measureText).join(', ')}`)}`
  return `  ${mark} ${colors.bold(id)}  ${plainLine(result.title)}${colors.dim(why)}${time}${measured}`
}

/** `lost updates 0`, `slowest answer 12.5 ms`. */
function measureText({ name, value, unit }: Measure): string {
  const number = String(Math.round(value * 100) / 100)
  return plainLine([name, number, unit].filter((part) => part !== undefined).join(' '))
}

/**
 * Writes a run as it goes on: each check's line when it is known, the rest at the end.
 * @returns to be given to the judge as `onEvent`
 */
export function terminalReporter(
  write: (text: string) => void,
  target: string,
  options: TerminalOptions = {},
): (event: JudgeEvent) => void {
  let width = 0
  return (event) => {
    if (event.type === 'begin') {
      width = idWidth(event.checks)
      write(`${headline(event.lab, target, palette(options))}\n\n`)
    } else if (event.type === 'check') write(`${checkLine(event.result, { ...options, width })}\n`)
    else if (event.type === 'again') write(`  ${palette(options).dim(againText(event.ids.length))}\n`)
    else write(closingText(event.verdict, options))
  }
}

/** What failed beside others is not told before it has failed by itself, which takes its time. */
function againText(checks: number): string {
  return `… ${count(checks, 'check')} failed while others ran beside; ${checks === 1 ? 'it is' : 'they are'} tried once more`
}

/** The last line: `1 passed, 2 failed, 0 skipped in 1.4 s`. */
export function summaryLine(verdict: Verdict, options: TerminalOptions = {}): string {
  const colors = palette(options)
  const number = (state: CheckState): number => verdict.checks.filter((check) => check.state === state).length
  const text = `${String(number('passed'))} passed, ${String(number('failed'))} failed, ${String(number('skipped'))} skipped`
  return `${verdict.passed ? colors.green(text) : colors.red(text)} ${colors.dim(`in ${duration(verdict.ms)}`)}`
}

/** Colours, or none: `NO_COLOR`, a pipe, or `color: false`. */
export function palette({ color }: TerminalOptions): Palette {
  const isWanted = process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined
  return pc.createColors(color ?? (pc.isColorSupported && isWanted))
}

function closing(verdict: Verdict, options: TerminalOptions): string[] {
  const colors = palette(options)
  const told = verdict.problem === null ? failures(verdict, options) : gate(verdict, colors)
  const remarks = verdict.remarks.map((remark) => `  ${colors.yellow('Remark:')} ${plainLine(remark)}`)
  if (remarks.length > 0) remarks.push('')
  return [...told, '', ...remarks, `  ${summaryLine(verdict, options)}`, '']
}

/** Nothing after a closed gate is blamed on the learner's logic, so no check is named. */
function gate(verdict: Verdict, colors: Palette): string[] {
  const { problem } = verdict
  if (problem === null) return []
  const [title = '', ...rest] = wrap(problem.title)
  const none = `No check could be run; ${count(verdict.checks.length, 'check')} ${verdict.checks.length === 1 ? 'waits' : 'wait'} for this.`
  return [
    `  ${colors.red('✗')} ${colors.bold(title)}`,
    ...rest.map((line) => `    ${colors.bold(line)}`),
    ...paragraphs(problemSections(problem, problem.title), colors),
    '',
    `    ${colors.dim(none)}`,
  ]
}

function failures(verdict: Verdict, options: TerminalOptions): string[] {
  const colors = palette(options)
  const failed = verdict.checks.filter((check) => check.state === 'failed')
  const shown = options.all === true ? failed : failed.slice(0, 1)
  const others = failed.slice(shown.length)
  const lines = shown.flatMap((check) => ['', ...failure(check, options)])
  if (others.length === 0) return lines
  const cause = failed.length >= MANY_FAILURES ? ', often for one cause: begin with the first' : ''
  const inFull = colors.dim(`(in full: npm run check ${verdict.lab.slice(0, 2)} -- --all)`)
  const heading = `  ${colors.bold(`${count(others.length, 'other check')} failed`)}${cause} ${inFull}`
  return [...lines, '', heading, ...others.map((check) => oneLine(check, colors))]
}

function failure(check: CheckResult, options: TerminalOptions): string[] {
  const colors = palette(options)
  const message = wrap(check.message ?? 'It failed.')
  return [
    `  ${colors.red('✗')} ${colors.bold(check.id)}  ${plainLine(check.title)}`,
    ...message.map((line) => `    ${colors.red(line)}`),
    ...paragraphs(failureSections(check, options), colors),
  ]
}

function oneLine(check: CheckResult, colors: Palette): string {
  return `  ${colors.red('✗')} ${check.id}: ${plainLine(check.message ?? 'It failed.', 120)}`
}

function paragraphs(sections: readonly Section[], colors: Palette): string[] {
  return sections.flatMap(({ heading, lines }) => [
    '',
    `    ${colors.dim(heading)}`,
    ...lines.map((line) => `      ${line}`.trimEnd()),
  ])
}

function headline(lab: string, target: string, colors: Palette): string {
  return `${colors.bold(lab)}  ${colors.dim(plainLine(target))}`
}

function idWidth(checks: readonly { id: string }[]): number {
  return Math.max(0, ...checks.map(({ id }) => id.length))
}

function paint(state: CheckState, colors: Palette): (text: string) => string {
  if (state === 'passed') return colors.green
  return state === 'failed' ? colors.red : colors.dim
}
