/** Requests as bytes, sent in parts. */
import { jsonHeaders, rawRequest as textRequest } from '../harness/lab.ts'
import type { Client } from '../harness/lab.ts'

export type Headers = Readonly<Record<string, string>>
export type Connection = Awaited<ReturnType<Client['connect']>>

/** A whole request, one character a byte: a tag goes back as the bytes that came, and these need not be UTF-8. */
export function rawRequest(method: string, path: string, headers: Headers, body = ''): string {
  return textRequest(method, path, headers, Buffer.from(body).toString('latin1'))
}

/** Sends what `rawRequest` made, or a part of it. */
export function sendRaw(connection: Connection, request: string): Promise<void> {
  return connection.send(Buffer.from(request, 'latin1'))
}

export function rawJson(method: string, path: string, headers: Headers, body: string): string {
  return rawRequest(method, path, { ...jsonHeaders(body), ...headers }, body)
}
