import type { Compared } from '../failure.ts'
import { countBytes, quoteBytes } from '../recorder/readable-bytes.ts'
import { duration } from './bound.ts'
import { explainEnd } from './earlier-answers.ts'
import type { EarlierAnswers } from './earlier-answers.ts'
import type { BreakdownKind } from './program-failure.ts'

/** Why no whole answer came, as evidence. */
export interface Breakdown {
  kind: BreakdownKind
  /** How long was waited. */
  ms?: number
  /** True when that was the rest of the check's time. */
  isRest?: boolean
  /** Status line of an answer that had begun: `200 OK`. */
  status?: string
  /** How much of the body came, and how much its Content-Length promised. */
  received?: number
  promised?: number
  /** The first bytes that came of an answer without a whole head, or those that are not HTTP. */
  first?: Uint8Array
  /** The system's name of the error. */
  code?: string
  maxBytes?: number
  /** Of the request. */
  forMethod?: string
  /** What the connection had served before. */
  earlier?: EarlierAnswers
  /** An event stream was asked for. */
  isStream?: boolean
}

/** A breakdown in the words that a learner reads. */
export interface Explanation extends Compared {
  /** What should have held, for the story. */
  step: string
  /** What happened, and its likely cause. */
  message: string
}

/** @param request what was asked, for people: `GET /shows` */
export function explainBreakdown(breakdown: Breakdown, request: string): Explanation {
  return EXPLAIN[breakdown.kind](breakdown, request)
}

/** True for a connection that was dropped, which says that the program's event loop turned. */
export function isDropped(kind: BreakdownKind): boolean {
  return ['refused', 'reset', 'closed', 'half-head', 'cut'].includes(kind)
}

const STATUS_LINE = 'An HTTP answer begins with a status line such as "HTTP/1.1 200 OK".'
const LINE_END = String.raw`Each line of a head ends with a carriage return and a line feed, "\r\n"; here one ends with a line feed alone.`
const HEADER_LINE = 'It begins as an answer does, but after that something is wrong with a line of its head: each is a name, a colon and a value.'

const EXPLAIN: Record<BreakdownKind, (breakdown: Breakdown, request: string) => Explanation> = {
  refused: (_, request) => ({
    step: 'the program accepts the connection',
    message: `The connection for ${request} was refused: nothing listens on the program's port any more.`,
    expected: 'an open port',
    actual: 'connection refused',
  }),
  unreachable: ({ code }, request) => ({
    step: 'the program can be reached',
    message: `The program could not be reached for ${request}: ${code ?? 'unknown error'}.`,
    expected: 'an open port',
    actual: code ?? 'unknown error',
  }),
  reset: ({ earlier }, request) => explainEnd('reset', earlier, request),
  closed: ({ earlier }, request) => explainEnd('closed', earlier, request),
  'half-head': ({ first, ms }, request) => ({
    step: 'the answer is whole',
    message:
      ms === undefined
        ? `The answer to ${request} broke off before the end of its headers. All that came: ${quoted(first)}.`
        : `The headers of the answer to ${request} did not end within ${duration(ms)}. All that came: ${quoted(first)}.`,
    expected: 'a status line, headers and an empty line',
    actual: quoted(first),
  }),
  'large-head': ({ first, maxBytes = 0 }, request) => ({
    step: 'the headers end',
    message: `The headers of the answer to ${request} are too large: ${countBytes(maxBytes)} came and there was more. They begin with ${quoted(first)}.`,
    expected: `at most ${countBytes(maxBytes)} of headers`,
    actual: `more than ${countBytes(maxBytes)}`,
  }),
  'only-interim': ({ status, ms }, request) => ({
    step: 'a final answer comes',
    message: `Only interim answers (${status}) came for ${request}${ms === undefined ? '' : ` within ${duration(ms)}`}: a status from 100 to 199 announces an answer, and the answer itself is missing.`,
    expected: 'an answer with a status of 200 or more',
    actual: `${status}, and no answer after it`,
  }),
  cut: ({ status, received = 0, promised }, request) => ({
    step: 'the answer is whole',
    message:
      promised === undefined
        ? `The answer to ${request} (${status}) was cut off in the middle: the connection closed after ${countBytes(received)} of the body, before its last chunk.`
        : `The answer to ${request} (${status}) was cut off in the middle: its Content-Length is ${promised}, but the connection closed after ${countBytes(received)}.`,
    expected: promised === undefined ? 'a last chunk' : countBytes(promised),
    actual: `${countBytes(received)}, then the connection closed`,
  }),
  'bad-body': ({ status, first }, request) => ({
    step: 'the answer is HTTP',
    message: `The body of the answer to ${request} (${status}) breaks the rules of its chunks at ${quoted(first)}.`,
    expected: 'a chunk: its size in hexadecimal, its bytes, a line end',
    actual: quoted(first),
  }),
  surplus: ({ first, ...announced }, request) => ({
    step: 'the answer is HTTP',
    message: `${surplusOf(announced, request)}: ${quoted(first)}.`,
    expected: isBodiless(announced) ? 'no body' : `${countBytes(announced.promised ?? 0)} of body`,
    actual: `more: ${quoted(first)}`,
  }),
  'not-http': ({ first }, request) => ({
    step: 'the answer is HTTP',
    message: `What came back for ${request} is not HTTP: ${quoted(first)}. ${whyNotHttp(first)}`,
    expected: 'HTTP/1.1 …',
    actual: quoted(first),
  }),
  silent: ({ ms = 0, isRest, isStream }, request) => ({
    step: `an answer comes within ${duration(ms)}`,
    message: `No answer to ${request} came within ${duration(ms)}${isStream === true ? NO_STREAM_HEAD : isRest === true ? NO_TIME_LEFT : NO_ANSWER}`,
    expected: `an answer within ${duration(ms)}`,
    actual: 'silence',
  }),
  'never-ends': ({ ms = 0, status, received = 0 }, request) => ({
    step: `the answer ends within ${duration(ms)}`,
    message: `The answer to ${request} began (${status}) but did not end within ${duration(ms)}: ${countBytes(received)} of its body came, and the end is missing.`,
    expected: `the end of the answer within ${duration(ms)}`,
    actual: `${countBytes(received)}, and no end`,
  }),
  'too-large': ({ maxBytes = 0, status }, request) => ({
    step: 'the answer ends',
    message: `The answer to ${request} (${status}) is too large: ${countBytes(maxBytes)} came and there was more. Does it ever end?`,
    expected: `at most ${countBytes(maxBytes)}`,
    actual: `more than ${countBytes(maxBytes)}`,
  }),
}

const NO_ANSWER = '. The connection stayed open: the program waits for something, or forgot to answer.'
const NO_TIME_LEFT = ', and the check has no more time: what it asked before took the rest. Is each answer slow, or does the program wait for something here?'
const NO_STREAM_HEAD = ', not even the status line: send status and headers at once (flush), before the first event.'

type Announced = Pick<Breakdown, 'promised' | 'status' | 'forMethod'>

/** More came than the head of the answer had announced. */
function surplusOf(announced: Announced, request: string): string {
  const { promised = 0, status, forMethod } = announced
  if (forMethod === 'HEAD') return `A body followed the answer to HEAD, which has none, from ${request}`
  if (isBodiless(announced)) return `A body followed the answer to ${request} (${status}), which has none`
  return `Content-Length announced ${countBytes(promised)} in the answer to ${request} (${status}), and more followed`
}

function isBodiless({ forMethod, promised }: Announced): boolean {
  return forMethod === 'HEAD' || promised === undefined
}

function whyNotHttp(first: Uint8Array = new Uint8Array()): string {
  const text = Buffer.from(first).toString('latin1')
  if (!/^HTTP\/\d/.test(text)) return STATUS_LINE
  return /(^|[^\r])\n/.test(text.split('\r\n\r\n')[0] ?? '') ? LINE_END : HEADER_LINE
}

function quoted(first: Uint8Array | undefined): string {
  return quoteBytes(first ?? new Uint8Array(), 120)
}
