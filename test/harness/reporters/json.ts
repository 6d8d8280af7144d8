import type { CheckResult, CheckState, Measure, Problem, Step, TraceEvent, Verdict } from '../types/index.ts'
import { plainJson } from './plain.ts'

/** What `npm run check 01 -- --json` prints, for graders: only ever added to. */
export interface JsonReport {
  lab: string
  target: string
  passed: boolean
  problem: Problem | null
  checks: JsonCheck[]
  ms: number
  /** Run again with `--seed` to get the same random values. */
  seed: number
  /** Only of a run that was shaken; `--shake` with this seed shakes alike. */
  shake?: number
  remarks: string[]
}

export interface JsonCheck {
  id: string
  title: string
  state: CheckState
  ms: number
  message?: string
  hint?: string
  hints?: readonly string[]
  expected?: string
  actual?: string
  curl?: string
  problem?: Problem
  /** Only of a check that measures. */
  measures?: readonly Measure[]
  steps: Step[]
  trace: TraceEvent[]
}

/** The verdict as one line of JSON, without a line end. */
export function jsonReport(verdict: Verdict): string {
  return plainJson(reportOf(verdict))
}

/** Field by field, so that what the engine adds to its verdict does not leak into what graders read. */
export function reportOf(verdict: Verdict): JsonReport {
  const { lab, target, passed, problem, ms, seed, shake, remarks } = verdict
  return { lab, target, passed, problem, checks: verdict.checks.map(checkOf), ms, seed, shake, remarks }
}

function checkOf(check: CheckResult): JsonCheck {
  const { id, title, state, ms, message, hint, hints, expected, actual, curl, problem, measures, steps, trace } = check
  return { id, title, state, ms, message, hint, hints, expected, actual, curl, problem, measures, steps, trace }
}
