import { cutBytes, readableBytes } from '../recorder/readable-bytes.ts'
import type { Answer } from './expectations.ts'
import { mediaTypeOf } from './json-body.ts'

/** So much of a body is read to find a sentence in it: a page begins with its head. */
const MAX_READ_BYTES = 16 * 1024
const MAX_CHARACTERS = 200

/**
 * The start of an answer's body on one line, about 200 characters, as evidence: a framework's own sentence often
 * names the culprit. Of a page its text alone. Empty when there is no body.
 */
export function bodyStart({ bytes, headers }: Pick<Answer, 'bytes' | 'headers'>): string {
  const body = readableBytes(cutBytes(bytes, MAX_READ_BYTES))
  const text = mediaTypeOf(headers['content-type']) === 'text/html' ? textOfPage(body) : body
  const characters = [...text.replace(/\s+/g, ' ').trim()]
  return characters.length > MAX_CHARACTERS ? `${characters.slice(0, MAX_CHARACTERS).join('')}…` : characters.join('')
}

const ENTITIES: Record<string, string> = { nbsp: ' ', quot: '"', '#39': "'", '#x27': "'", lt: '<', gt: '>', amp: '&' }

function textOfPage(page: string): string {
  return page
    .replace(/<head\b.*?<\/head>/gis, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(nbsp|quot|#39|#x27|lt|gt|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
}
