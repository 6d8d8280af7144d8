import type { Explanation } from './breakdown.ts'

/** What a connection had served before the answer that is missing. */
export interface EarlierAnswers {
  answers: number
  /** How many requests were sent. */
  asked: number
  /** Why the last of them said that the connection ends with it. */
  reason?: 'HTTP/1.0' | 'Connection: close'
}

/** What to say of a connection that ended where an answer should have begun. */
export function explainEnd(how: 'reset' | 'closed', earlier: EarlierAnswers | undefined, request: string): Explanation {
  if (earlier === undefined) {
    return {
      step: 'an answer comes',
      message: `The connection was ${how} before any answer to ${request} came. Every request needs an answer, also one that the program refuses.`,
      expected: 'an answer',
      actual: `the connection was ${how}`,
    }
  }
  const { answers, asked, reason = 'none' } = earlier
  return {
    step: `answer ${answers + 1} of ${asked} comes`,
    message: `The connection was ${how} after ${answers} of ${asked} answers to ${request}${REASONS[reason]}`,
    expected: `${asked} answers`,
    actual: `${countAnswers(answers)}, then the connection was ${how}`,
  }
}

const REASONS = {
  'HTTP/1.0': ": your program answered with HTTP/1.0, which closes after each answer (in Python: protocol_version = 'HTTP/1.1').",
  'Connection: close': ': the answer before had the header Connection: close.',
  none: '. One connection serves many requests; each needs its answer.',
}

function countAnswers(count: number): string {
  return `${count} ${count === 1 ? 'answer' : 'answers'}`
}
