/** What the page and the dev server tell each other. Plain data; the page imports these types alone. */
import type { CheckResult, Measure, Problem, TraceEvent, Verdict } from './verdict.ts'

/** One check as the page shows it while a run goes on. */
export type LiveCheckState = 'waiting' | 'passed' | 'failed' | 'skipped'

export interface LabSummary {
  slug: string
  title: string
  begun: boolean
  /** Relative to the workbook's folder: `labs/01-request-response/mine.ts`. */
  file: string
  /** Absolute, to copy or to open. */
  path: string
  checks: { id: string; title: string }[]
}

/** One kept save. */
export interface Version {
  /** Counted from 1 within its lab. */
  number: number
  /** ISO 8601. */
  savedAt: string
  passed: number
  total: number
  /** `start`, `save`, `reset`, `restore`. */
  reason: string
  /** True when no check failed on it, and some passed. */
  isGreen?: boolean
  /** What its checks measured, by check. Undefined: nothing. */
  measures?: Readonly<Record<string, readonly Measure[]>>
}

/** Where two answers first differ, counted in characters of their shown texts. */
export interface AnswerDifference {
  recordedAt: number
  nowAt: number
  /** `the status line`, `the header Content-Type`, `the body`. */
  where: string
}

/** One request of a failed check, sent again, and its two answers. */
export interface ReplayedExchange {
  /** As it was sent this time. */
  request: TraceEvent
  /** Start line, headers and body as one text; what happened instead when there was no answer. */
  recorded: string
  now: string
  /** Undefined: the same but for dates, ids and what is derived from them. */
  difference?: AnswerDifference
}

/** What came of a replay. */
export type Replay =
  | { kind: 'exchanges'; exchanges: ReplayedExchange[]; trace: TraceEvent[]; output: string }
  /** The messages could not be sent again as they were: the one check ran once more, from its beginning. */
  | { kind: 'rerun'; reason: string; result: CheckResult }
  /** The program did not start. */
  | { kind: 'problem'; problem: Problem }
  | { kind: 'refused'; reason: string }

/** What a lab's file is compared with: the reference, or a kept version. */
export type DiffWith = 'solution' | number

export type ServerMessage =
  | { type: 'lab'; lab: LabSummary; versions: Version[]; verdict: Verdict | null }
  | { type: 'begin'; slug: string; run: number }
  | { type: 'check'; slug: string; run: number; result: CheckResult }
  | { type: 'again'; slug: string; run: number; ids: string[] }
  | { type: 'verdict'; slug: string; run: number; verdict: Verdict; versions: Version[] }
  | { type: 'error'; slug: string; message: string }
  /** Only to the page that asked. */
  | { type: 'replay'; slug: string; check: string; replay: Replay }
  /** Only to the page that asked. A unified diff, empty when there is no difference; or why there is none. */
  | { type: 'diff'; slug: string; against: DiffWith; text: string; problem?: string }

export type PageMessage =
  /** Watches the lab from now on; answered by `lab`. */
  | { type: 'open'; slug: string }
  /** Makes mine.ts from the starter. */
  | { type: 'start'; slug: string }
  | { type: 'run'; slug: string }
  | { type: 'reset'; slug: string }
  | { type: 'restore'; slug: string; version: number }
  /** Sends the messages of a failed check again, to the program as it is now; answered by `replay`. */
  | { type: 'replay'; slug: string; check: string }
  /** Answered by `diff`. Before the lab is done, the reference is shown only to whom asked to have it spoilt. */
  | { type: 'diff'; slug: string; against: DiffWith; isSpoilerWanted?: boolean }
