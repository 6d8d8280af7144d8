import type { Name, Question } from './frames.ts'

/** What became of one question. */
export interface Outcome {
  question: Question
  /** Frames of its answer that `send()` has taken, and those of them that never arrive. */
  sent: number
  lost: number
  /** The titles of the chunks that its asker was given, in order of arrival. */
  got: string[]
  /** When its clock was last set back, in milliseconds. */
  clockFrom: number
  status?: 200 | 504
}

/** One side of the link, as that side knows it. */
export interface Side {
  name: Name
  /** When the last frame came, in milliseconds. */
  heardAt: number
  /** Whether its `/peers` names the other. */
  isListing: boolean
}

export function isRight({ question, got, status }: Outcome): boolean {
  return status === 200 && got.length === question.chunks && got.every((title) => title === question.title)
}

/** True when its asker was given a chunk of another answer. */
export function isMixedUp({ question, got }: Outcome): boolean {
  return got.some((title) => title !== question.title)
}

/** `gale and /about`: each title once. */
export function listOf(titles: readonly string[]): string {
  return [...new Set(titles)].join(' and ')
}
