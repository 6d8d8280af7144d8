/** Members of a room, their inboxes, and what is carried between them. */
import { randomUUID } from 'node:crypto'
import { rawJson } from '../harness/lab.ts'
import type { CheckContext, Client, Reply } from '../harness/lab.ts'
import type { EventStream, ServerSentEvent } from '../harness/types/index.ts'

/** An inbox opens, and an event comes, within this time. */
const SOON_MS = 2_000

export interface Joined {
  id: string
  token: string
  peers: { id: string; name: string }[]
}

export interface Member extends Joined {
  name: string
  /** Who it is, for people: its name, and how its id begins. */
  is: string
  /** The path of the peer itself. */
  path: string
}

/** A member whose inbox is open. */
export type Present = Member & { inbox: EventStream }

/** An event of an inbox, and what it says. */
export interface Arrived {
  event: ServerSentEvent
  data: Record<string, unknown>
}

export type Tools = Pick<CheckContext, 'client' | 'expect' | 'note' | 'random'>

export const bearer = (token: string): { headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${token}` } })
export const peersOf = (room: string): string => `/rooms/${encodeURIComponent(room)}/peers`

/** Joins and looks at the answer's shape. */
export async function join(tools: Omit<Tools, 'random'>, room: string, name: string): Promise<Member> {
  return memberIn(tools, room, name, await tools.client.post(peersOf(room), { json: { name } }))
}

/** Who was let in by this answer. */
export function memberIn({ expect, note }: Pick<Tools, 'expect' | 'note'>, room: string, name: string, reply: Reply): Member {
  const body = reply.hasStatus(201).hasContentType('application/json').json<Joined>()
  const isRight = isText(body?.id) && isText(body.token) && Array.isArray(body.peers)
  expect('the answer has an id, a token and the peers', isRight, { expected: '{"id": "…", "token": "…", "peers": […]}', actual: body })
  const is = `${name} (${begin(body.id)})`
  note(`${is} is in the room`)
  return { ...body, name, is, path: `${peersOf(room)}/${encodeURIComponent(body.id)}` }
}

/** Requests to join whose last bytes come at the same moment: seen, too, are programs that look when one begins and take when it ends. */
export async function joinAtOnce({ client, sleep }: Pick<CheckContext, 'client' | 'sleep'>, room: string, names: readonly string[]): Promise<Reply[]> {
  const begun = await Promise.all(names.map(async (name) => {
    const [line, request] = [await client.connect(), rawJson('POST', peersOf(room), JSON.stringify({ name }))]
    await line.send(request.slice(0, -1))
    return { line, end: request.slice(-1) }
  }))
  await sleep(30)
  await Promise.all(begun.map(({ line, end }) => line.send(end)))
  return Promise.all(begun.map(({ line }) => line.reply()))
}

function begin(id: string): string {
  return id.length > 8 ? `${id.slice(0, 8)}…` : id
}

/** A room that nobody has been in, in this run or another: the program may run for days. */
export function newRoom(): string {
  return `studio-${randomUUID().slice(0, 8)}`
}

/** Half of a UTF-16 pair is no text: neither a path nor a header can carry it. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value)
}

/** Opens a member's inbox, from the event on that comes after `lastEventId`. */
export function openInbox(client: Client, { path, token }: Member, lastEventId?: string): Promise<EventStream> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  return client.events(`${path}/inbox?token=${encodeURIComponent(token)}`, { headers, withinMs: SOON_MS })
}

/** Joins and opens the inbox. */
export async function enter(tools: Tools, room: string, name: string): Promise<Present> {
  const member = await join(tools, room, name)
  return { ...member, inbox: await openInbox(tools.client, member) }
}

/** A name that no other check uses: ada is `ada-xkcdfg`. */
export function call({ random }: Pick<Tools, 'random'>, who: string): string {
  return `${who}-${random.word()}`
}

export function post(client: Client, from: Member, to: Member, data: unknown): Promise<Reply> {
  return client.post(`${to.path}/signals`, { json: { data }, ...bearer(from.token) })
}

/** Posts a signal that must be taken. */
export async function signal(client: Client, from: Member, to: Member, data: unknown): Promise<void> {
  const reply = await post(client, from, to, data)
  reply.hasStatus(202)
}

/** The next event of a name, its data parsed. */
export async function next({ expect }: Pick<Tools, 'expect'>, inbox: EventStream, name?: string, withinMs = SOON_MS): Promise<Arrived> {
  const event = await inbox.next(name, { withinMs })
  const data = parse(event.data)
  const isObject = typeof data === 'object' && data !== null
  expect('the event\'s data is one JSON object', isObject, { expected: '{…}', actual: event.data })
  return { event, data: data as Record<string, unknown> }
}

/** All texts in a JSON value. A token may be as short as "1": only a whole text gives it away. */
export function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads events until the signal with this data has come, and returns them all. */
export async function until(last: string, tools: Pick<Tools, 'expect'>, inbox: EventStream): Promise<Arrived[]> {
  const all: Arrived[] = []
  while (all.at(-1)?.data.data !== last) all.push(await next(tools, inbox))
  return all
}

/** Reads signals until `count` have come. */
export async function arrivals(tools: Pick<Tools, 'expect'>, inbox: EventStream, count: number): Promise<Arrived[]> {
  const all: Arrived[] = []
  while (all.length < count) all.push(await next(tools, inbox, 'signal'))
  return all
}

/** The same, and returns what was posted. */
export async function signals(tools: Pick<Tools, 'expect'>, inbox: EventStream, count: number): Promise<unknown[]> {
  return (await arrivals(tools, inbox, count)).map(({ data }) => data.data)
}

/** Makes a request that must get one of these statuses, with a JSON error. */
export async function refused(what: string, attempt: () => Promise<Reply>, statuses: number[]): Promise<void> {
  const reply = await attempt()
  reply.satisfies(`${what} is refused with ${statuses.join(' or ')}`, ({ status }) => statuses.includes(status), ({ status }) => status)
  reply.hasJsonError()
}

/** What simple-peer would say, without being it. */
export function offer({ random }: Pick<Tools, 'random'>): object {
  return { type: 'offer', sdp: `v=0\r\no=- ${random.integer(1, 1e9)} 2 IN IP4 127.0.0.1\r\n` }
}

/** Asks for an inbox that must be refused. One that opens is an answer without an end, so a second must do. */
export function knockAt({ client, fail }: Pick<CheckContext, 'client' | 'fail'>, path: string): Promise<Reply> {
  return client.get(path, { withinMs: 1_000 }).catch(() =>
    fail('Expected that this inbox is refused at once. It was opened, or there is no answer at all.', { expected: '4xx', actual: 'an answer without an end' }))
}
