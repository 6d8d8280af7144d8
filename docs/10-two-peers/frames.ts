/** The conversation of the figure: three questions whose frames share one data channel. */

export type Name = 'Ada' | 'Ben'

/** One question. An id is the asker's own: Ada's 1 and Ben's 1 are two questions. */
export interface Question {
  asker: Name
  id: number
  path: string
  title: string
  /** Of the whole answer. */
  chunks: number
}

const GALE: Question = { asker: 'Ada', id: 1, path: '/library/gale', title: 'gale', chunks: 2 }
const ABOUT: Question = { asker: 'Ada', id: 2, path: '/about', title: '/about', chunks: 1 }
const STORM: Question = { asker: 'Ben', id: 1, path: '/library/storm', title: 'storm', chunks: 3 }

export const QUESTIONS: readonly Question[] = [GALE, ABOUT, STORM]

/** One frame of the conversation, in the order in which they leave. */
export type Step =
  | { kind: 'request'; question: Question }
  | { kind: 'response'; question: Question; chunk: number }
  | { kind: 'ping' }
  | { kind: 'pong' }

/** Ben has `/about` in memory and must fetch `gale` from a slow disk: what was asked second is answered first. */
export const CONVERSATION: readonly Step[] = [
  { kind: 'request', question: GALE },
  { kind: 'request', question: ABOUT },
  { kind: 'request', question: STORM },
  { kind: 'response', question: ABOUT, chunk: 1 },
  { kind: 'response', question: STORM, chunk: 1 },
  { kind: 'response', question: GALE, chunk: 1 },
  { kind: 'response', question: STORM, chunk: 2 },
  { kind: 'ping' },
  { kind: 'pong' },
  { kind: 'response', question: GALE, chunk: 2 },
  { kind: 'response', question: STORM, chunk: 3 },
]

/** Names a frame in every run: `gale-2` is the second chunk of that answer. */
export function keyOf(step: Step): string {
  if (step.kind === 'response') return `${keyWord(step.question)}-${String(step.chunk)}`
  return step.kind === 'request' ? keyWord(step.question) : step.kind
}

/** The frames at which the reader may cut the link: those that carry a piece of an answer. */
export const CUTTABLE: readonly string[] = CONVERSATION.filter(({ kind }) => kind === 'response').map(keyOf)

/** What stands above the arrow, as recorded runs write it. */
export function summaryOf(step: Step, hasIds: boolean): string {
  if (step.kind === 'ping' || step.kind === 'pong') return step.kind
  const { id, path, chunks } = step.question
  const start = hasIds ? `${step.kind} ${String(id)}` : step.kind
  if (step.kind === 'request') return `${start} ${path}`
  return `${start} 200, ${step.chunk === chunks ? 'done' : 'chunk'}`
}

export function senderOf(step: Step): Name {
  if (step.kind === 'ping') return 'Ada'
  if (step.kind === 'pong') return 'Ben'
  return step.kind === 'request' ? step.question.asker : otherThan(step.question.asker)
}

export function otherThan(name: Name): Name {
  return name === 'Ada' ? 'Ben' : 'Ada'
}

function keyWord({ title }: Question): string {
  return title.replace('/', '')
}
