import type { CheckResult, LabSummary, LiveCheckState, Problem, ServerMessage, Verdict, Version } from '../../../../test/harness/types/index.ts'

/** One check as the panel shows it. */
export interface Row {
  id: string
  title: string
  /** The newest result there is, perhaps of an earlier run. */
  result?: CheckResult
  /** True when `result` belongs to the run that is shown. */
  isFresh: boolean
  /** True while it is tried once more, after it failed with others beside it. */
  isTriedAgain?: boolean
}

/** All that a panel shows of one lab. */
export interface LabState {
  lab: LabSummary | null
  rows: Row[]
  verdict: Verdict | null
  /** The closed gate; a check that is told of means that the gate is open again. */
  problem: Problem | null
  versions: Version[]
  /** The newest run that was heard of. */
  run: number
  isRunning: boolean
  /** What the judge itself could not do. */
  error: string
}

export const EMPTY: LabState = { lab: null, rows: [], verdict: null, problem: null, versions: [], run: 0, isRunning: false, error: '' }

/** What changes the state of a lab; answers to one page's questions do not. */
export type LabMessage = Exclude<ServerMessage, { type: 'replay' | 'diff' }>

/** The state after a message. News of an older run than the newest changes nothing. */
export function reduce(state: LabState, message: LabMessage): LabState {
  if (message.type === 'lab') return opened(message)
  if (message.type === 'error') return { ...state, error: message.message, isRunning: false }
  if (message.run < state.run) return state
  if (message.type === 'begin') {
    const rows = state.rows.map((row) => ({ ...row, isFresh: false, isTriedAgain: false }))
    return { ...state, rows, run: message.run, isRunning: true, error: '' }
  }
  if (message.type === 'check') return { ...state, problem: null, rows: withResult(state.rows, message.result) }
  if (message.type === 'again') {
    const rows = state.rows.map((row) => (message.ids.includes(row.id) ? { ...row, isTriedAgain: true } : row))
    return { ...state, problem: null, rows }
  }
  const { verdict, versions, run } = message
  return { ...state, verdict, problem: verdict.problem, versions, run, rows: rowsOf(verdict), isRunning: false, error: '' }
}

/** What to show of a row: an older result stands until it is replaced or in doubt, or until the run has taken `isSlow` long. */
export function shownState(row: Row, isSlow: boolean): LiveCheckState {
  return row.result === undefined || row.isTriedAgain === true || (!row.isFresh && isSlow) ? 'waiting' : row.result.state
}

/** `12 of 17 checks pass, 143 ms`, or why none was tried. As soon as every check has been told, its count stands without the time. */
export function summaryOf(state: LabState): string {
  const { verdict, rows } = state
  if (state.isRunning && rows.length > 0 && rows.every((row) => row.isFresh)) return countsOf(rows)
  if (verdict === null) return state.isRunning ? 'Checking …' : ''
  if (state.problem === null && verdict.problem !== null) return 'Checking …'
  if (verdict.problem !== null) return `None of the ${String(rows.length)} checks was reached.`
  return `${countsOf(state.isRunning ? rowsOf(verdict) : rows)}, ${duration(verdict.ms)}`
}

/** A verdict in one short sentence, or two, for whom the page is read to. */
export function spokenVerdict({ passed, problem, checks }: Verdict): string {
  if (problem !== null) return problem.title
  const count = checks.filter(({ state }) => state === 'passed').length
  if (passed) return `${String(count)} of ${String(checks.length)} checks pass. The lab is done.`
  const first = checks.find(({ state }) => state === 'failed')
  return `${String(count)} of ${String(checks.length)} checks pass.${first === undefined ? '' : ` First to fail: ${first.title}.`}`
}

/** `143 ms`, `2.4 s` */
export function duration(ms: number): string {
  return ms < 1_000 ? `${String(Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`
}

function opened({ lab, verdict, versions }: Extract<ServerMessage, { type: 'lab' }>): LabState {
  const rows = verdict === null ? lab.checks.map(({ id, title }) => ({ id, title, isFresh: false })) : rowsOf(verdict)
  return { ...EMPTY, lab, verdict, problem: verdict?.problem ?? null, versions, rows }
}

function rowsOf(verdict: Verdict): Row[] {
  return verdict.checks.map((result) => ({ id: result.id, title: result.title, result, isFresh: true }))
}

function withResult(rows: readonly Row[], result: CheckResult): Row[] {
  return rows.map((row) => (row.id === result.id ? { ...row, result, isFresh: true, isTriedAgain: false } : row))
}

function countsOf(rows: readonly Row[]): string {
  const count = (state: string): number => rows.filter((row) => row.result?.state === state).length
  const left = count('skipped') === 0 ? '' : `, ${String(count('skipped'))} skipped`
  return `${String(count('passed'))} of ${String(rows.length)} checks pass${left}`
}
