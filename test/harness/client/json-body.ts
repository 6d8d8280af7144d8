import { CheckFailure } from '../failure.ts'
import { quoteBytes, quoteText } from '../recorder/readable-bytes.ts'
import type { Answer } from './expectations.ts'

/** The media type of a Content-Type header without its parameters, in lower case. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase()
}

/**
 * A body as JSON: in UTF-8, and announced as `application/json`.
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-8.1 UTF-8, and no byte order mark
 */
export function readJson(answer: Pick<Answer, 'headers' | 'bytes' | 'text' | 'request'>): { value: unknown } | { failure: CheckFailure } {
  const { headers, bytes, text, request } = answer
  const type = headers['content-type']
  const fail = (message: string, expected: string, actual: string): { failure: CheckFailure } => ({
    failure: new CheckFailure(message, { expected, actual }),
  })
  if (mediaTypeOf(type) !== 'application/json') {
    const got = type ?? 'none'
    return fail(`Expected JSON (content type application/json), got ${got} from ${request}.`, 'application/json', got)
  }
  if (!Buffer.from(text).equals(bytes)) {
    return fail(`The body from ${request} is not UTF-8: ${quoteBytes(bytes)}.`, 'JSON in UTF-8', quoteBytes(bytes, 500))
  }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    const reason = text === '' ? 'it is empty' : (error as Error).message
    return fail(`The body from ${request} is not JSON: ${quoteText(text)} (${reason}).`, 'JSON', quoteText(text, 500))
  }
}
