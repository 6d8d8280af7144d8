import { CheckFailure } from '../failure.ts'
import type { Compared } from '../failure.ts'
import type { Problem } from '../types/index.ts'

/** A check that failed because the program as a whole went wrong: it crashed, ended, or is in an endless loop. */
export class ProgramFailure extends CheckFailure {
  readonly problem: Problem

  /** @param during what the check was doing: `GET /shows` */
  constructor(problem: Problem, during: string) {
    const title = problem.title.trim()
    super(`${/[.!?]$/.test(title) ? title : `${title}.`} That was during ${during}.`)
    this.problem = problem
  }
}

/** How an exchange can break down although the program lives. */
export type BreakdownKind =
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'closed'
  | 'half-head'
  | 'large-head'
  | 'only-interim'
  | 'cut'
  | 'bad-body'
  | 'surplus'
  | 'not-http'
  | 'silent'
  | 'never-ends'
  | 'too-large'

/** A check that failed because no whole answer came. */
export class ExchangeFailure extends CheckFailure {
  readonly kind: BreakdownKind

  constructor(kind: BreakdownKind, message: string, compared: Compared = {}) {
    super(message, compared)
    this.kind = kind
  }
}

/** An event stream that did not bring what it should: other requests may have been made since it was opened. */
export class StreamFailure extends CheckFailure {
  /** What opened the stream, as a command to paste. */
  readonly curl: string

  constructor(curl: string, message: string, compared: Compared = {}) {
    super(message, compared)
    this.curl = curl
  }
}
