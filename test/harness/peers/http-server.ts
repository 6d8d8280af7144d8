import type { IncomingMessage, ServerResponse } from 'node:http'

/** A request that is answered with an error. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const ANY_ORIGIN = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': 'authorization, content-type, last-event-id',
}

/** Answers with JSON, or with nothing when there is no body. */
export function send(response: ServerResponse, status: number, body?: object, headers: Record<string, string> = {}): void {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const type = text === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(text ?? '') }
  response.writeHead(status, { ...ANY_ORIGIN, ...type, ...length, ...headers }).end(text)
}

/** Answers with what went wrong: a `Refusal` as it says, anything else as 500. */
export function sendError(response: ServerResponse, error: unknown): void {
  const refusal = error instanceof Refusal ? error : new Refusal(500, 'The meeting point failed')
  if (response.headersSent) return void response.destroy()
  const headers: Record<string, string> = refusal.status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  send(response, refusal.status, { error: refusal.message }, headers)
}

/** The decoded parts of a path. @throws Refusal 400 for a bad escape. */
export function segments(path: string): string[] {
  try {
    return path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    throw new Refusal(400, 'The path has a bad escape')
  }
}

/** The token of `Authorization: Bearer <token>`. */
export function bearer(request: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** The request's JSON object. @throws Refusal 400, 413, 415 or 422. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<Record<string, unknown>> {
  if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Refusal(415, 'Expected the content type application/json')
  }
  const value = parse(await readBody(request, maxBytes))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal(422, 'Expected a JSON object')
  return value as Record<string, unknown>
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    // Reads on to the end, so that the sender gets its answer instead of a reset.
    if (bytes <= maxBytes) parts.push(part)
  }
  if (bytes > maxBytes) throw new Refusal(413, `The body is larger than ${maxBytes} bytes`)
  return Buffer.concat(parts).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'The body is not JSON')
  }
}
