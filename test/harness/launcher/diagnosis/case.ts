import type { Evidence } from '../evidence.ts'
import type { Bounds } from '../../types/index.ts'

/** What a diagnosis knows: the evidence, and what the program was asked to do. */
export interface Case {
  evidence: Evidence
  /** Where it was told to listen. */
  port: number
  /** The workbook's folder, absolute. */
  root: string
  /** What was started, for people: `labs/01-request-response/mine.ts`, `python3 server.py`. */
  name: string
  /** The learner's file; undefined for a command. */
  file?: string
  /** Before the port answered, or after. */
  phase: 'start' | 'run'
  bounds: Bounds
}
