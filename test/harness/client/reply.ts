import { CheckFailure } from '../failure.ts'
import { joinHeaders } from '../recorder/message-head.ts'
import type { Story } from '../story.ts'
import type { Reply } from '../types/index.ts'
import {
  expectBytes,
  expectContentType,
  expectEmptyBody,
  expectHeader,
  expectJson,
  expectJsonError,
  expectNoHeader,
  expectStatus,
  expectText,
} from './expectations.ts'
import type { Answer, Expectation } from './expectations.ts'
import { readJson } from './json-body.ts'

/** What came over the wire. */
export interface RawAnswer {
  status: number
  statusText: string
  /** `1.1`. */
  httpVersion: string
  /** Pairs of name and value as they came. */
  rawHeaders: readonly string[]
  body: Uint8Array
}

/**
 * An answer whose expectations write the story.
 * @param request what was asked, for messages: `GET /shows`
 * @param remark a sentence on why the status may be wrong
 */
export function createReply(raw: RawAnswer, request: string, story: Story, remark?: string): Reply {
  const answer = { ...toAnswer(raw, request), ...(remark === undefined ? {} : { remark }) }
  const told = (expectation: Expectation): Reply => {
    tell(story, expectation)
    return reply
  }
  const reply: Reply = {
    status: answer.status,
    statusText: answer.statusText,
    headers: answer.headers,
    isLast: isLast(raw.httpVersion, answer.headers['connection']),
    bytes: answer.bytes,
    text: answer.text,
    hasStatus: (expected) => told(expectStatus(answer, expected)),
    hasHeader: (name, expected) => told(expectHeader(answer, name, expected)),
    lacksHeader: (name) => told(expectNoHeader(answer, name)),
    hasContentType: (mediaType) => told(expectContentType(answer, mediaType)),
    hasText: (expected) => told(expectText(answer, expected)),
    hasEmptyBody: () => told(expectEmptyBody(answer)),
    hasBytes: (expected) => told(expectBytes(answer, expected)),
    hasJson: (expected) => told(expectJson(answer, expected)),
    hasJsonError: () => told(expectJsonError(answer)),
    json: <T>() => parse(answer, story) as T,
    satisfies: (what, holds, actual) => told(expectOwn(reply, request, what, holds, actual)),
  }
  return reply
}

/** @see https://www.rfc-editor.org/rfc/rfc9112#section-9.3 Persistence */
function isLast(httpVersion: string, connection = ''): boolean {
  const options = connection.toLowerCase().split(',').map((option) => option.trim())
  return options.includes('close') || (httpVersion === '1.0' && !options.includes('keep-alive'))
}

function toAnswer({ status, statusText, rawHeaders, body }: RawAnswer, request: string): Answer {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  return { status, statusText, headers: joinHeaders(rawHeaders), bytes: body, text, request }
}

function tell(story: Story, { step, failure }: Expectation): void {
  if (failure === undefined) return story.step(step)
  story.failedStep(step)
  throw failure
}

function parse(answer: Answer, story: Story): unknown {
  const body = readJson(answer)
  tell(story, { step: 'the body is JSON', ...('failure' in body ? body : {}) })
  return 'value' in body ? body.value : undefined
}

function expectOwn(
  reply: Reply,
  request: string,
  what: string,
  holds: (reply: Reply) => boolean,
  actual: (reply: Reply) => unknown = ({ text }) => text,
): Expectation {
  if (attempt(() => holds(reply)) === true) return { step: what }
  const message = `Expected of the answer to ${request} that ${what}.`
  return { step: what, failure: new CheckFailure(message, { expected: what, actual: attempt(() => actual(reply)) ?? 'nothing' }) }
}

/** A learner's answer may lack what the expectation reads: that is a failure of the answer, not of the check. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
