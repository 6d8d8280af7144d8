/** The parts of a failure that the terminal and vitest tell alike, each as lines without colour. */
import type { CheckResult, Problem, Step, TraceEvent } from '../types/index.ts'
import { byHandLines } from './by-hand.ts'
import { indent, plainLine, shorten } from './plain.ts'

const MAX_STEPS = 16
const MAX_TRACE = 16
const MAX_VALUE_LINES = 12
const MAX_PLACE = 4_096
const MAX_EVIDENCE_LINES = 14

/** A heading with the lines under it. No lines: the section is left out. */
export interface Section {
  heading: string
  lines: string[]
}

export interface SectionOptions {
  /** Tells all three levels of the hint, each by itself. Default: the first two in one text. */
  hints?: boolean
}

/** What a failed check has to tell beneath its message, in the order a learner needs it. */
export function failureSections(result: CheckResult, options: SectionOptions = {}): Section[] {
  const { problem, expected, actual } = result
  const sections: Section[] = [
    ...(problem === undefined ? [] : problemSections(problem, result.message)),
    { heading: 'Failed after these steps', lines: stepLines(result.steps) },
    { heading: 'Expected', lines: valueLines(expected) },
    { heading: 'Actual', lines: valueLines(actual) },
    ...hintSections(result, options),
    { heading: 'The same by hand', lines: byHandLines(result) },
    { heading: 'What went over the wire', lines: traceLines(result.trace) },
  ]
  return sections.filter((section) => section.lines.length > 0)
}

/** A diagnosis: its sentence (unless it was said already), where, the evidence, what to do. */
export function problemSections(problem: Problem, said = ''): Section[] {
  const title = said.includes(problem.title) ? [] : wrap(problem.title)
  const evidence = problem.evidence?.trimEnd() ?? ''
  return [
    { heading: 'What happened to the program', lines: title },
    { heading: 'Where', lines: place(problem) },
    { heading: 'Evidence', lines: evidence === '' ? [] : indent(evidence, '', MAX_EVIDENCE_LINES) },
    { heading: 'What to do', lines: wrap(problem.hint) },
  ].filter((section) => section.lines.length > 0)
}

const LEVELS = ['the concept', 'where to look', 'what to change']

/** None beside a diagnosed problem: its own hint is the next step, and the check's would lead away from it. */
function hintSections({ problem, hint, hints }: CheckResult, options: SectionOptions): Section[] {
  if (problem !== undefined || hint === undefined) return []
  if (options.hints !== true || hints === undefined) return [{ heading: 'Hint', lines: wrap(hint) }]
  return hints.map((text, index) => ({
    heading: `Hint ${String(index + 1)} of ${String(hints.length)} (${LEVELS[index] ?? 'more'})`,
    lines: wrap(text),
  }))
}

/** `labs/01-request-response/mine.ts:12:3` */
function place({ file, line, column }: Problem): string[] {
  if (file === undefined) return []
  return [plainLine([file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':'), MAX_PLACE)]
}

function stepLines(steps: readonly Step[]): string[] {
  const lines = steps.map((step) => `${step.ok ? '✓' : '✗'} ${plainLine(step.text)}`)
  return shorten(lines, MAX_STEPS, 'steps')
}

/** An empty text is worth seeing: it is often what is wrong. */
function valueLines(value: string | undefined): string[] {
  if (value === undefined) return []
  return value === '' ? ['(empty)'] : indent(value, '', MAX_VALUE_LINES)
}

function traceLines(trace: readonly TraceEvent[]): string[] {
  const width = Math.max(0, ...trace.map((event) => direction(event).length))
  const lines = trace.map((event) => {
    const at = `${event.at.toFixed(0)} ms`.padStart(8)
    return `${at}  ${direction(event).padEnd(width)}  ${plainLine(event.summary, 100)}${event.lost === true ? '  (lost)' : ''}`
  })
  return shorten(lines, MAX_TRACE, 'messages')
}

function direction({ from, to }: TraceEvent): string {
  return `${plainLine(from, 24)} → ${plainLine(to, 24)}`
}

/** Breaks prose at `width` characters; its own line ends are kept. */
export function wrap(text: string, width = 92): string[] {
  return indent(text, '').flatMap((line) => {
    const lines: string[] = []
    let current = ''
    for (const word of line.split(' ')) {
      if (current !== '' && current.length + 1 + word.length > width) {
        lines.push(current)
        current = word
      } else current = current === '' ? word : `${current} ${word}`
    }
    return [...lines, current]
  })
}
