import { inspect } from 'node:util'

/** What an expectation compared, as plain values. */
export interface Compared {
  expected?: unknown
  actual?: unknown
}

/** An expectation that did not hold: a learner's failure, which becomes part of a verdict. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
  readonly expected?: string
  readonly actual?: string

  constructor(message: string, compared: Compared = {}) {
    super(message)
    if (compared.expected !== undefined) this.expected = show(compared.expected)
    if (compared.actual !== undefined) this.actual = show(compared.actual)
  }
}

/** A check that cannot be judged on this target or machine, with the reason. */
export class CheckSkipped extends Error {
  override readonly name = 'CheckSkipped'
}

/** A peer that a check plays is of no use any more, through no fault of the program: its process has ended, or could not do what it was to. */
export class PeerBroken extends Error {
  override readonly name = 'PeerBroken'
}

/** A value in the words of a failure message: strings as they are, the rest as one or a few lines; cut at 2,000 characters. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? value : inspect(value, { depth: 5, breakLength: 80, maxArrayLength: 20 })
  return text.length > 2_000 ? `${text.slice(0, 2_000)}… (${text.length} characters)` : text
}
