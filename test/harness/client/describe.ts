import { isPlainText } from './shell.ts'
import { countBytes, cutBytes, quoteBytes } from '../recorder/readable-bytes.ts'
import type { RequestOptions } from '../types/index.ts'

/** A request ready to be sent. */
export interface Prepared {
  method: string
  path: string
  headers: Record<string, string>
  body: Uint8Array | undefined
}

/** The options as what goes over the wire. @throws Error when both `body` and `json` are given */
export function prepare(method: string, path: string, options: RequestOptions): Prepared {
  if (options.body !== undefined && options.json !== undefined) throw new Error('Expected `body` or `json`, got both')
  const headers = { ...options.headers }
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  if (options.json !== undefined && !hasType) headers['Content-Type'] = 'application/json'
  if (options.chunked === true) headers['Transfer-Encoding'] = 'chunked'
  return { method: method.toUpperCase(), path, headers, body: bodyOf(options) }
}

/** A request as a step of the story: `POST /shows {"title":"Ñandú"}`. */
export function describeRequest({ method, path, headers, body }: Prepared, target: string): string {
  const isJson = headers['Content-Type'] === 'application/json' && body !== undefined
  const shown = Object.entries(headers).filter(([name]) => !(isJson && name === 'Content-Type'))
  const list = shown.map(([name, value]) => `${name}: ${shorten(value, 60)}`).join(', ')
  return `${describeTarget(method, path, target)}${describeBody(body)}${list === '' ? '' : ` (${list})`}`
}

/** A request in a message: `GET /shows`, and whom it went to when there are several. */
export function describeTarget(method: string, path: string, target: string): string {
  return `${method} ${shorten(path, 120)}${target === '' ? '' : ` to ${target}`}`
}

/** Bytes as a step of the story shows them. */
export function describeBody(body: Uint8Array | undefined): string {
  if (body === undefined) return ''
  if (body.length === 0) return ' with an empty body'
  const start = cutBytes(body)
  const text = isPlainText(start) ? Buffer.from(start).toString('utf8') : quoteBytes(start, 60)
  return body.length > 200 ? ` with ${countBytes(body.length)}: ${shorten(text, 60)}` : ` ${shorten(text, 100)}`
}

function bodyOf({ body, json }: RequestOptions): Uint8Array | undefined {
  if (json !== undefined) return Buffer.from(JSON.stringify(json))
  return typeof body === 'string' ? Buffer.from(body) : body
}

function shorten(text: string, maxCharacters: number): string {
  const characters = [...text.slice(0, maxCharacters * 2 + 2)]
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters).join('')}…`
}
