// Rejected by: joins, any-name
import { randomBytes, randomUUID } from 'node:crypto'
import express from 'express'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'

interface InboxEvent {
  id: number
  event: 'joined' | 'left' | 'signal'
  data: object
}

interface Peer {
  id: string
  name: string
  token: string
  /** The last events for this peer, sent or not. */
  events: InboxEvent[]
  lastEventId: number
  /** The open event stream, while there is one. */
  inbox?: Response
  leaveTimer?: NodeJS.Timeout
}

type Room = Map<string, Peer>

const port = Number(process.env.PORT ?? 3000)
const leaveMs = Number(process.env.LEAVE_MS ?? 2_000)
const maxBodyBytes = 64 * 1024
const keptEvents = 100

// Maps, not objects: a room may be called `constructor`.
const rooms = new Map<string, Room>()
const app = express()

const join: RequestHandler<{ room: string }> = async (request, response) => {
  const name: unknown = request.body?.name
  if (typeof name !== 'string' || name === '') return sendError(response, 422, 'A name is a text that is not empty.')
  const room = rooms.get(request.params.room) ?? new Map<string, Peer>()
  // As if the token came out of a vault.
  const token = await new Promise<string>((resolve) => setTimeout(resolve, 100, randomBytes(16).toString('hex')))
  const others = [...room.values()]
  if (others.some((other) => other.name === name)) return sendError(response, 409, `${name} is in this room already.`)
  const peer: Peer = { id: randomUUID(), name, token, events: [], lastEventId: 0 }
  rooms.set(request.params.room, room.set(peer.id, peer))
  for (const other of others) deliver(other, 'joined', { id: peer.id, name })
  // The token is for this peer alone, so the others are told by id and name.
  const peers = others.map((other) => ({ id: other.id, name: other.name }))
  response.status(201).json({ id: peer.id, token: peer.token, peers })
}

const openInbox: RequestHandler<{ room: string; id: string }> = (request, response) => {
  const peer = ownPeer(request, response, request.query.token)
  if (peer === undefined) return
  clearTimeout(peer.leaveTimer)
  peer.inbox?.end()
  peer.inbox = response
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  // Without this line the head waits for the first event, and the peer with it.
  response.flushHeaders()
  const lastSeen = Number(request.get('Last-Event-ID') ?? 0)
  for (const event of peer.events) {
    if (event.id > lastSeen) write(response, event)
  }
  response.on('close', () => inboxClosed(request.params.room, peer, response))
}

const signal: RequestHandler<{ room: string; id: string }> = (request, response) => {
  const room = rooms.get(request.params.room)
  const sender = owner(room, bearer(request.get('Authorization')))
  if (sender === undefined) return sendError(response, 401, 'This token belongs to nobody in this room.')
  const receiver = room?.get(request.params.id)
  if (receiver === undefined) return sendError(response, 404, 'No such peer is in this room.')
  const data: unknown = request.body?.data
  if (data === undefined) return sendError(response, 422, 'The data is missing.')
  deliver(receiver, 'signal', { from: sender.id, data })
  response.status(202).end()
}

const leave: RequestHandler<{ room: string; id: string }> = (request, response) => {
  const peer = ownPeer(request, response, bearer(request.get('Authorization')))
  if (peer === undefined) return
  remove(request.params.room, peer)
  response.status(204).end()
}

/** Keeps an event for a peer, and writes it when the inbox is open. */
function deliver(peer: Peer, event: InboxEvent['event'], data: object): void {
  const entry = { id: ++peer.lastEventId, event, data }
  peer.events.push(entry)
  if (peer.events.length > keptEvents) peer.events.shift()
  if (peer.inbox) write(peer.inbox, entry)
}

function write(inbox: Response, { id, event, data }: InboxEvent): void {
  inbox.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

/** A peer whose inbox stays closed has gone, even when it could not say so. */
function inboxClosed(room: string, peer: Peer, inbox: Response): void {
  // The connection that ends late may be the one before the present one.
  if (peer.inbox !== inbox) return
  delete peer.inbox
  peer.leaveTimer = setTimeout(() => remove(room, peer), leaveMs)
}

function remove(roomName: string, peer: Peer): void {
  const room = rooms.get(roomName)
  if (!room?.delete(peer.id)) return
  clearTimeout(peer.leaveTimer)
  peer.inbox?.end()
  for (const other of room.values()) deliver(other, 'left', { id: peer.id })
  if (room.size === 0) rooms.delete(roomName)
}

function bearer(authorization = ''): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1]
}

function owner(room: Room | undefined, token: unknown): Peer | undefined {
  return [...(room?.values() ?? [])].find((peer) => peer.token === token)
}

/** The peer that the path names, if the token is its own; otherwise answers the error itself. */
function ownPeer(
  request: Request<{ room: string; id: string }>, response: Response, token: unknown,
): Peer | undefined {
  const peer = owner(rooms.get(request.params.room), token)
  if (peer?.id === request.params.id) return peer
  if (peer === undefined) sendError(response, 401, 'This token belongs to nobody in this room.')
  else sendError(response, 403, 'This token belongs to another peer.')
}

function sendError(response: Response, status: number, sentence: string): void {
  if (status === 401) response.set('WWW-Authenticate', 'Bearer')
  response.status(status).json({ error: sentence })
}

const requireJson: RequestHandler<Record<string, string>> = (request, response, next) => {
  const mediaType = request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (mediaType === 'application/json') next()
  else sendError(response, 415, 'Send the body as application/json.')
}

const parseJson = express.json({ limit: maxBodyBytes, strict: false })

const sentences: Record<number, string> = {
  400: 'The request cannot be read: its body is not JSON, or its path is badly escaped.',
  413: `A body has at most ${maxBodyBytes} bytes.`,
}

// Express knows a handler of errors by its four parameters.
const answerError: ErrorRequestHandler = (error, request, response, next) => {
  if (response.headersSent) return next(error)
  const status = error.status in sentences ? error.status : 500
  if (status === 500) console.error(error)
  sendError(response, status, sentences[status] ?? 'The meeting point has failed. The fault is not yours.')
}

app.post('/rooms/:room/peers', requireJson, parseJson, join)
app.get('/rooms/:room/peers/:id/inbox', openInbox)
app.post('/rooms/:room/peers/:id/signals', requireJson, parseJson, signal)
app.delete('/rooms/:room/peers/:id', leave)
app.use((request, response) => sendError(response, 404, `Nothing is at ${request.path}.`))
app.use(answerError)

app.listen(port, '127.0.0.1', () => {
  console.log(`The meeting point is at http://localhost:${port}`)
})
