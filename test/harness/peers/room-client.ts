/** A client of lab 09's meeting point, as a test peer uses it. */
import { request, type IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { CheckFailure } from '../failure.ts'

const ANSWER_WITHIN_MS = 4_000
const OPEN_WITHIN_MS = 2_000
const REOPEN_AFTER_MS = 100
/** Attempts to open an inbox again, before the meeting point counts as gone. */
const REOPEN_ATTEMPTS = 10

export interface Membership {
  id: string
  token: string
  peers: { id: string; name: string }[]
}

/** What an inbox hands over, already parsed. */
export type OnInbox = (event: string, data: Record<string, unknown>) => void

/** Joins a room. @throws CheckFailure when the meeting point does not answer as lab 09's contract says. */
export async function join(signalUrl: string, room: string, name: string): Promise<Membership> {
  const path = `/rooms/${encodeURIComponent(room)}/peers`
  const { status, text } = await call('POST', `${signalUrl}${path}`, undefined, { name })
  const actual = `${status} ${text}`
  if (status !== 201) {
    throw new CheckFailure(`"${name}" could not join: POST ${path} did not answer 201.`, { expected: 201, actual })
  }
  const body = parse(text) as Partial<Membership> | undefined
  if (typeof body?.id !== 'string' || typeof body.token !== 'string' || !Array.isArray(body.peers) || !body.peers.every(isMember)) {
    throw new CheckFailure(`"${name}" joined, and cannot read the answer.`, { expected: '{"id", "token", "peers"}', actual })
  }
  return body as Membership
}

function isMember(value: unknown): boolean {
  const member = value as { id?: unknown; name?: unknown } | null
  return typeof member?.id === 'string' && typeof member.name === 'string'
}

/** Leaves a room; a meeting point that is gone is no hindrance. */
export async function leave(signalUrl: string, room: string, { id, token }: Membership): Promise<void> {
  await call('DELETE', `${signalUrl}/rooms/${encodeURIComponent(room)}/peers/${encodeURIComponent(id)}`, token, undefined, 500)
    .catch(() => {})
}

/** Posts a signal; what comes of it is told by the link that stands in the end, or does not. */
export async function postSignal(signalUrl: string, room: string, to: string, token: string, data: unknown): Promise<void> {
  const url = `${signalUrl}/rooms/${encodeURIComponent(room)}/peers/${encodeURIComponent(to)}/signals`
  await call('POST', url, token, { data }).catch(() => {})
}

/**
 * Opens an inbox and keeps it open, from the last event on that it has seen, until `signal` aborts or the
 * meeting point is gone. Resolves when it is open.
 *
 * @throws CheckFailure when it cannot be opened.
 */
export async function openInbox(
  signalUrl: string, room: string, { id, token }: Membership, onInbox: OnInbox, signal: AbortSignal,
): Promise<void> {
  const path = `/rooms/${encodeURIComponent(room)}/peers/${encodeURIComponent(id)}/inbox?token=${encodeURIComponent(token)}`
  let lastEventId: string | undefined
  const parser = createParser({
    onEvent: ({ event, data, id: eventId }) => {
      if (eventId !== undefined) lastEventId = eventId
      const value = parse(data)
      if (typeof value === 'object' && value !== null) onInbox(event ?? 'message', value as Record<string, unknown>)
    },
  })
  const open = async (): Promise<IncomingMessage> => {
    parser.reset({ consume: false })
    const headers: Record<string, string> = lastEventId ? { 'last-event-id': lastEventId } : {}
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), OPEN_WITHIN_MS)
    const ended = AbortSignal.any([signal, late.signal])
    const response = await ask('GET', `${signalUrl}${path}`, headers, undefined, ended).catch((error: unknown) => {
      if (!late.signal.aborted) throw error
      throw new CheckFailure(`GET ${path} did not open an inbox within ${OPEN_WITHIN_MS} ms.`, {
        expected: 'status and headers at once, before the first event', actual: 'silence',
      })
    }).finally(() => clearTimeout(timer))
    if (response.statusCode !== 200 || !/^text\/event-stream/i.test(response.headers['content-type'] ?? '')) {
      response.destroy()
      const actual = `${response.statusCode} ${response.headers['content-type'] ?? 'without a content type'}`
      throw new CheckFailure(`GET ${path} did not open an inbox.`, { expected: '200 text/event-stream', actual })
    }
    response.setEncoding('utf8').on('data', (text: string) => parser.feed(text)).on('error', () => {})
    return response
  }
  const first = await open()
  void keepOpen(first, open, signal)
}

async function keepOpen(first: IncomingMessage, open: () => Promise<IncomingMessage>, signal: AbortSignal): Promise<void> {
  let current: IncomingMessage | undefined = first
  for (let failures = 0; failures < REOPEN_ATTEMPTS && !signal.aborted;) {
    if (current) await new Promise((resolve) => current?.once('close', resolve))
    await new Promise((resolve) => setTimeout(resolve, REOPEN_AFTER_MS))
    if (signal.aborted) return
    current = await open().catch(() => undefined)
    failures = current ? 0 : failures + 1
  }
}

async function call(
  method: string, url: string, token: string | undefined, json?: object, withinMs = ANSWER_WITHIN_MS,
): Promise<{ status: number; text: string }> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await ask(method, url, headers, json, AbortSignal.timeout(withinMs))
  let text = ''
  try {
    for await (const part of response.setEncoding('utf8')) text += part
  } catch {
    throw new CheckFailure(`The answer to ${method} ${new URL(url).pathname} broke off.`, { actual: text })
  }
  return { status: response.statusCode ?? 0, text }
}

function ask(
  method: string, url: string, headers: Record<string, string>, json: object | undefined, signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const body = json === undefined ? undefined : JSON.stringify(json)
    const typed = body === undefined ? headers : { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
    request(url, { method, headers: typed, signal, agent: false }, resolve)
      .on('error', (error) => {
        reject(new CheckFailure(`${method} ${new URL(url).pathname} was not answered: ${error.message}.`))
      })
      .end(body)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
