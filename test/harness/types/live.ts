/** What the page and the dev server tell each other. Plain data; the page imports these types alone. */
import type { CheckResult, Verdict } from './verdict.ts'

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
}

export type ServerMessage =
  | { type: 'lab'; lab: LabSummary; versions: Version[]; verdict: Verdict | null }
  | { type: 'begin'; slug: string; run: number }
  | { type: 'check'; slug: string; run: number; result: CheckResult }
  | { type: 'verdict'; slug: string; run: number; verdict: Verdict; versions: Version[] }
  | { type: 'error'; slug: string; message: string }

export type PageMessage =
  /** Watches the lab from now on; answered by `lab`. */
  | { type: 'open'; slug: string }
  /** Makes mine.ts from the starter. */
  | { type: 'start'; slug: string }
  | { type: 'run'; slug: string }
  | { type: 'reset'; slug: string }
  | { type: 'restore'; slug: string; version: number }
