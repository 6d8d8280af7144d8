import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { MeetingPoint, TraceEvent } from '../types/index.ts'
import { isInLetter } from '../recorder/cut.ts'
import { Rooms, type InboxEvent, type Member } from './rooms.ts'
import { bearer, Refusal, readJson, send, sendError, segments } from './http-server.ts'

const MAX_BODY_BYTES = 65_536
/** A peer that never opens its inbox is given this many times `leaveMs`. */
const FIRST_INBOX_FACTOR = 5
const SHOWN_BYTES = 4_096

export interface MeetingPointOptions {
  /** How long an inbox may be closed before its peer has left. Default 2 000. */
  leaveMs?: number
  /** Default 0: any free port. */
  port?: number
  /** True: the first two events of an inbox come in two pieces each, cut in the middle of a letter where they can be. Default false. */
  splitsEvents?: boolean
  onTrace?: (event: Omit<TraceEvent, 'id' | 'at'>) => void
}

interface Point {
  rooms: Rooms
  leaveMs: number
  splitsEvents: boolean
  trace: (from: string, to: string, summary: string, body?: unknown) => void
}

/** Starts a meeting point by lab 09's contract on loopback. It answers pages of any origin. */
export async function startMeetingPoint(options: MeetingPointOptions = {}): Promise<MeetingPoint> {
  const { leaveMs = 2_000, splitsEvents = false, onTrace } = options
  const point: Point = { rooms: new Rooms(), leaveMs, splitsEvents, trace: tracer(onTrace) }
  const server = createServer((request, response) => {
    route(point, request, response).catch((error: unknown) => sendError(response, error))
  })
  // An inbox may be silent for as long as it likes.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    straightUrl: url,
    names: (room) => point.rooms.members(room).map((member) => member.name),
    close: () => new Promise((resolve) => {
      point.rooms.clear()
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

async function route(point: Point, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [rooms, room, peers, id, last, ...rest] = segments(url.pathname)
  if (rooms !== 'rooms' || !room || peers !== 'peers' || rest.length > 0) throw new Refusal(404, 'There is nothing here')
  const action = `${request.method} ${id === undefined ? 'peers' : last === undefined ? 'peer' : last}`
  if (request.method === 'OPTIONS') return send(response, 204)
  if (action === 'POST peers') return join(point, room, request, response)
  if (action === 'DELETE peer') return leave(point, room, String(id), request, response)
  if (action === 'GET inbox') return openInbox(point, room, String(id), url, request, response)
  if (action === 'POST signals') return signal(point, room, String(id), request, response)
  throw new Refusal(404, `There is no ${request.method} here`)
}

async function join(point: Point, room: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { name } = await readJson(request, MAX_BODY_BYTES)
  if (typeof name !== 'string' || name === '') throw new Refusal(422, 'Expected `name` to be a text that is not empty')
  const others = point.rooms.members(room).map((member) => ({ id: member.id, name: member.name }))
  const member = point.rooms.join(room, name)
  if (!member) throw new Refusal(409, `The name ${name} is taken in this room`)
  point.rooms.expectInbox(member, point.leaveMs * FIRST_INBOX_FACTOR, () => traceLeft(point, member))
  point.trace(name, 'meeting point', `joined ${room}`)
  send(response, 201, { id: member.id, token: member.token, peers: others })
}

function leave(point: Point, room: string, id: string, request: IncomingMessage, response: ServerResponse): void {
  const member = authorized(point, room, bearer(request))
  if (member.id !== id) throw new Refusal(403, 'This token belongs to another peer')
  point.rooms.leave(member)
  traceLeft(point, member)
  send(response, 204)
}

async function signal(
  point: Point, room: string, to: string, request: IncomingMessage, response: ServerResponse,
): Promise<void> {
  const sender = authorized(point, room, bearer(request))
  const receiver = point.rooms.find(room, to)
  if (!receiver) throw new Refusal(404, 'There is no such peer in this room')
  const { data } = await readJson(request, MAX_BODY_BYTES)
  if (data === undefined) throw new Refusal(422, 'Expected `data`, which is what to carry')
  point.rooms.deliver(receiver, 'signal', { from: sender.id, data })
  point.trace(sender.name, receiver.name, signalName(data), data)
  send(response, 202)
}

function openInbox(
  point: Point, room: string, id: string, url: URL, request: IncomingMessage, response: ServerResponse,
): void {
  const member = authorized(point, room, url.searchParams.get('token') ?? undefined)
  if (member.id !== id) throw new Refusal(403, 'This token belongs to another peer')
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
  response.flushHeaders()
  const say = point.splitsEvents ? inPieces(response) : (text: string) => response.write(text)
  const write = ({ id, event, data }: InboxEvent): void => {
    say(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }
  const lastSeen = Number.parseInt(String(request.headers['last-event-id']), 10)
  point.rooms.open(member, write, Number.isNaN(lastSeen) ? undefined : lastSeen)
  response.on('close', () => point.rooms.close(member, write, point.leaveMs, () => traceLeft(point, member)))
}

/** The newcomer, and the first signal of its call: nobody is linked without them. */
const SPLIT_EVENTS = 2

/** Long enough for the first piece to be read by itself, also where the machine is busy. */
const PIECE_MS = 400

/** Writes its first texts in two pieces each, all one after the other. */
function inPieces(response: ServerResponse): (text: string) => void {
  let last = Promise.resolve()
  let leftToSplit = SPLIT_EVENTS
  return (text) => {
    const bytes = Buffer.from(text)
    const withinLetter = bytes.findIndex(isInLetter)
    const middle = withinLetter === -1 ? bytes.length >> 1 : withinLetter
    const cut = leftToSplit > 0 ? middle : 0
    leftToSplit -= 1
    last = last.then(async () => {
      if (cut > 0) {
        response.write(bytes.subarray(0, cut))
        await delay(PIECE_MS)
      }
      if (response.writable) response.write(bytes.subarray(cut))
    })
  }
}

function authorized(point: Point, room: string, token: string | undefined): Member {
  const member = point.rooms.owner(room, token)
  if (!member) throw new Refusal(401, 'This token belongs to nobody in this room')
  return member
}

function traceLeft(point: Point, member: Member): void {
  point.trace(member.name, 'meeting point', `left ${member.room}`)
}

function tracer(onTrace: MeetingPointOptions['onTrace']): Point['trace'] {
  return (from, to, summary, body) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    onTrace?.({
      from, to, summary, kind: 'signal',
      detail: text === undefined ? {} : { body: text.slice(0, SHOWN_BYTES), bodyBytes: Buffer.byteLength(text) },
    })
  }
}

/** What a signal calls itself; the meeting point looks at it for the trace alone. */
function signalName(data: unknown): string {
  const type = typeof data === 'object' && data !== null ? (data as { type?: unknown }).type : undefined
  return typeof type === 'string' ? type.slice(0, 40) : 'signal'
}
