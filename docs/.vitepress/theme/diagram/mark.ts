import type { TraceEvent } from '../../../../test/harness/types/index.ts'
import { firstDifference } from './first-difference.ts'
import { lastAnswer } from './layout.ts'

/** The message of a failed check's conversation to look at first. */
export interface Mark {
  id: number
  /** Why this one, in words. */
  text: string
}

/**
 * @param reference the reference's run of the same check, once it is known
 * @returns undefined when nobody was answered and nothing differs
 */
export function markOf(trace: readonly TraceEvent[], reference?: readonly TraceEvent[]): Mark | undefined {
  const different = reference === undefined ? undefined : differenceMark(trace, reference)
  if (different !== undefined) return different
  const last = lastAnswer(trace)
  return last === undefined ? undefined : { id: last, text: 'the last answer before the check failed' }
}

/** Marks the first message that differs, passed or not; undefined when none does. */
export function differenceMark(trace: readonly TraceEvent[], reference: readonly TraceEvent[]): Mark | undefined {
  const id = firstDifference(trace, reference)
  return id === undefined ? undefined : { id, text: 'the first message that differs from the reference’s run' }
}
