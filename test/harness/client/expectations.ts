/** What can be expected of an answer. Each says what must hold, and how it fails when it does not. */
import { CheckFailure } from '../failure.ts'
import { countBytes, quoteText } from '../recorder/readable-bytes.ts'
import { bodyStart } from './body-start.ts'
import { firstDifference } from './difference.ts'
import { mediaTypeOf, readJson } from './json-body.ts'

/** An answer, without its expectations. */
export interface Answer {
  status: number
  statusText: string
  /** Names in lower case; several lines of one name joined by `, `. */
  headers: Readonly<Record<string, string>>
  bytes: Uint8Array
  /** The body as UTF-8. */
  text: string
  /** What was asked, for messages: `GET /shows`. */
  request: string
  /** A sentence on why the status may be wrong. */
  remark?: string
}

export interface Expectation {
  /** What must hold, for the story: `the status is 201`. */
  step: string
  /** Undefined when it holds. */
  failure?: CheckFailure
}

/** One of these statuses; a failure shows how the body begins, where a program says what it did not like. */
export function expectStatus(answer: Answer, expected: number | readonly number[]): Expectation {
  const { status, statusText, request, remark } = answer
  const wanted = typeof expected === 'number' ? [expected] : expected
  const names = wanted.join(' or ')
  const message = `Expected status ${names}, got ${status} from ${request}.${remark === undefined ? '' : ` ${remark}`}`
  const body = bodyStart(answer)
  const actual = `${status} ${statusText}`.trim() + (body === '' ? '' : `, body: ${body}`)
  return judge(`the status is ${names}`, wanted.includes(status), message, names, actual)
}

/** A header is there, and has that value or matches that pattern. */
export function expectHeader(answer: Answer, name: string, expected?: string | RegExp): Expectation {
  const value = answer.headers[name.toLowerCase()]
  const demand = expected === undefined ? '' : typeof expected === 'string' ? ` ${quoteText(expected)}` : ` matching ${expected}`
  const holds =
    value !== undefined && (expected === undefined || (typeof expected === 'string' ? value === expected : expected.test(value)))
  const got = value === undefined ? 'no such header' : quoteText(value)
  const message = `Expected the header ${name}${demand}, got ${got} from ${answer.request}.`
  return judge(`there is the header ${name}${demand}`, holds, message, demand.trim() || `a header ${name}`, got)
}

/** A header is not there. */
export function expectNoHeader(answer: Answer, name: string): Expectation {
  const value = answer.headers[name.toLowerCase()]
  const message = `Expected no header ${name}, got ${quoteText(value ?? '')} from ${answer.request}.`
  return judge(`there is no header ${name}`, value === undefined, message, 'no such header', value)
}

/** The media type, whatever its parameters. */
export function expectContentType({ headers, request }: Answer, mediaType: string): Expectation {
  const value = headers['content-type']
  const message = `Expected the content type ${mediaType}, got ${value ?? 'none'} from ${request}.`
  const holds = mediaTypeOf(value) === mediaType.toLowerCase()
  return judge(`the content type is ${mediaType}`, holds, message, mediaType, value ?? 'none')
}

/** The body, exactly. */
export function expectText({ text, request }: Answer, expected: string): Expectation {
  const message = `Expected the body ${quoteText(expected)}, got ${quoteText(text)} from ${request}.`
  return judge(`the body is ${quoteText(expected)}`, text === expected, message, quoteText(expected, 2_000), quoteText(text, 2_000))
}

/** No byte of a body. */
export function expectEmptyBody({ bytes, text, request }: Answer): Expectation {
  const message = `Expected no body, got ${countBytes(bytes.length)} from ${request}: ${quoteText(text)}.`
  return judge('there is no body', bytes.length === 0, message, 'no body', quoteText(text, 500))
}

/** These bytes; a failure tells how long the body is, or where it first differs. */
export function expectBytes({ bytes, request }: Answer, expected: Uint8Array): Expectation {
  const step = `the body is the expected ${countBytes(expected.length)}`
  const at = expected.findIndex((byte, index) => byte !== bytes[index])
  if (bytes.length !== expected.length) {
    const message = `Expected ${countBytes(expected.length)} of body, got ${countBytes(bytes.length)} from ${request}.`
    return judge(step, false, message, countBytes(expected.length), countBytes(bytes.length))
  }
  const [wanted, got] = [expected[at], bytes[at]].map((byte) => `0x${(byte ?? 0).toString(16).padStart(2, '0')}`)
  const message = `The body from ${request} differs from byte ${at} on (counted from 0): expected ${wanted}, got ${got}.`
  return judge(step, at === -1, message, wanted, got)
}

/** This JSON value, whatever the order of its members. */
export function expectJson(answer: Answer, expected: unknown): Expectation {
  const step = `the body is the JSON ${quoteJson(expected)}`
  const body = readJson(answer)
  if ('failure' in body) return { step, failure: body.failure }
  const difference = firstDifference(expected, body.value)
  if (difference === undefined) return { step }
  const place = difference.path === '' ? '' : `${difference.path.replace(/^\./, '')}: `
  const message = `The JSON from ${answer.request} is not the expected one: ${place}expected ${difference.expected}, got ${difference.actual}.`
  return judge(step, false, message, JSON.stringify(expected, null, 2), JSON.stringify(body.value, null, 2))
}

/** `{"error": "<a sentence>"}`, other members beside it allowed. */
export function expectJsonError(answer: Answer): Expectation {
  const shape = '{"error": "<a sentence>"}'
  const step = `the body is ${shape} as JSON`
  const body = readJson(answer)
  if ('failure' in body) return { step, failure: body.failure }
  const { value } = body
  const error = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { error?: unknown }).error : undefined
  const message = `Expected the body ${shape}, got ${quoteJson(value)} from ${answer.request}.`
  return judge(step, typeof error === 'string' && error.trim() !== '', message, shape, JSON.stringify(value, null, 2))
}

function judge(step: string, holds: boolean, message: string, expected?: string, actual?: string): Expectation {
  return holds ? { step } : { step, failure: new CheckFailure(message, { expected, actual }) }
}

function quoteJson(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
