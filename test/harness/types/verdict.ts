/**
 * The plain data that a judged run yields. A page, a terminal, a grader and the workbook's own
 * tests all read these types; this file imports nothing, so each of them can.
 */

/** What travelled: an HTTP message, one server-sent event, one signal, one data-channel frame … */
export type TraceKind =
  | 'connect'
  | 'request'
  | 'response'
  | 'event'
  | 'signal'
  | 'frame'
  | 'raw'
  | 'close'

/** Everything about a message that does not fit its one-line summary. */
export interface TraceDetail {
  /** Start line and headers as they were on the wire, lines ended by `\n`. */
  head?: string
  /** The body as text, cut at 4 KiB; bytes that are not UTF-8 are shown as `\xNN`. */
  body?: string
  /** The whole body's length in bytes, also when `body` was cut. */
  bodyBytes?: number
  /** Which TCP connection of the run carried it, counted from 1. */
  connection?: number
  /** Milliseconds since the trace began at which the last byte passed, when later than `at`. */
  endedAt?: number
}

/** One message that went over the wire. A figure's model produces the same type. */
export interface TraceEvent {
  /** Unique within its trace, rising. */
  id: number
  from: string
  to: string
  /** Milliseconds since the trace began. */
  at: number
  kind: TraceKind
  /** One line: `GET /shows`, `200 OK, 2 bytes of application/json`. */
  summary: string
  detail: TraceDetail
  /** True when it never arrived. */
  lost?: boolean
}

/** One action or expectation of a check, in the order they happened. */
export interface Step {
  text: string
  ok: boolean
}

/** Why the program as a whole, not one answer of it, went wrong. */
export type ProblemCode =
  | 'not-begun'
  | 'no-such-file'
  | 'syntax-error'
  | 'missing-import'
  | 'threw-at-start'
  | 'ended-by-itself'
  | 'called-exit'
  | 'wrong-port'
  | 'wrong-address'
  | 'port-taken'
  | 'never-listens'
  | 'endless-loop'
  | 'crashed'
  | 'exited'
  | 'out-of-memory'
  | 'never-answers'
  | 'never-ends'
  | 'not-http'
  | 'run-too-long'
  | 'unreachable'
  | 'cannot-start'

/** A diagnosis, in the words a beginner reads. */
export interface Problem {
  code: ProblemCode
  /** What happened: `Your program listens on port 3000, and not on PORT.` */
  title: string
  /** The likely cause and the next step. */
  hint: string
  /** Relative to the workbook's folder. */
  file?: string
  line?: number
  column?: number
  /** The evidence: a stack of the learner's own lines, the end of what it printed. */
  evidence?: string
}

/** A number that a check found out about the program. It informs; it never decides. */
export interface Measure {
  /** What was counted or timed, once a check: `lost updates`. */
  name: string
  value: number
  /** `ms`; left out where the name says what is counted. */
  unit?: string
}

export type CheckState = 'passed' | 'failed' | 'skipped'

export interface CheckResult {
  id: string
  title: string
  state: CheckState
  ms: number
  /** What a learner reads first: for a failure what happened, for a skip why. */
  message?: string
  /** The first two hint levels in one text. Only on a failure. */
  hint?: string
  /** The concept, where to look, what to change. Only on a failure. */
  hints?: readonly string[]
  expected?: string
  actual?: string
  /** The last request of the check as a command to paste. */
  curl?: string
  /** Set when the program crashed, looped or fell silent during this check. */
  problem?: Problem
  /** What the check measured, passed or failed. Undefined: nothing. */
  measures?: readonly Measure[]
  steps: Step[]
  trace: TraceEvent[]
}

export interface Verdict {
  /** The lab's slug: `01-request-response`. */
  lab: string
  /** What was judged, for people: `labs/01-request-response/mine.ts`, `python3 server.py`, a URL. */
  target: string
  passed: boolean
  /** A closed gate: nothing after it was tried. */
  problem: Problem | null
  checks: CheckResult[]
  ms: number
  /** What did not decide, but is worth saying: `It took 3.1 s to end after SIGTERM.` */
  remarks: string[]
  /** The random values of this run come from here. */
  seed: number
  /** What went over the wire was shaken by this seed. Undefined: it passed as it came. */
  shake?: number
}

/** What a run tells while it goes on. */
export type JudgeEvent =
  | { type: 'begin'; lab: string; checks: { id: string; title: string }[] }
  | { type: 'check'; result: CheckResult }
  /** These failed with others beside them, and are tried once more; what they come to follows. */
  | { type: 'again'; ids: string[] }
  | { type: 'end'; verdict: Verdict }
