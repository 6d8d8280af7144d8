import { randomBytes, randomUUID } from 'node:crypto'
import express from 'express'
import type { RequestHandler, Response } from 'express'

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
}

type Room = Map<string, Peer>

const port = Number(process.env.PORT ?? 3000)
const rooms = new Map<string, Room>()
const app = express()

const join: RequestHandler<{ room: string }> = (request, response) => {
  const { name } = request.body as { name: string }
  const room = rooms.get(request.params.room) ?? new Map<string, Peer>()
  const others = [...room.values()]
  const peer: Peer = { id: randomUUID(), name, token: randomBytes(16).toString('hex'), events: [], lastEventId: 0 }
  rooms.set(request.params.room, room.set(peer.id, peer))
  for (const other of others) deliver(other, 'joined', { id: peer.id, name })
  // TODO(1): a name that is taken gets 409; a name that is no text, or empty, gets 422.
  const peers = others.map((other) => ({ id: other.id, name: other.name }))
  response.status(201).json({ id: peer.id, token: peer.token, peers })
}

/** Keeps an event for a peer, and writes it when the inbox is open. */
function deliver(peer: Peer, event: InboxEvent['event'], data: object): void {
  const entry = { id: ++peer.lastEventId, event, data }
  // TODO(2): keep the last 100 events of this peer, so that they wait for its inbox.
  if (peer.inbox) write(peer.inbox, entry)
}

function write(inbox: Response, { id, event, data }: InboxEvent): void {
  inbox.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

app.post('/rooms/:room/peers', express.json(), join)

// TODO(2): GET /rooms/:room/peers/:id/inbox?token= answers an event stream that stays open. First goes what
//          waits in `events` (after Last-Event-ID, when the reader sends one), then all that is delivered.
//          Look at `response.writeHead`, `response.flushHeaders` and `response.on('close', …)`.

// TODO(3): POST /rooms/:room/peers/:id/signals carries `data` to one peer. Who posts it? The token tells.

// TODO(4): DELETE /rooms/:room/peers/:id, and whoever's inbox has been closed for LEAVE_MS, leaves:
//          the others hear `left` with its id.

// TODO(5): tokens are required in all three places: 401. What else is refused: 404, 413, 415, 422.
//          After all routes: 404 as JSON, and a handler for errors, so that no answer is HTML.

app.listen(port, '127.0.0.1', () => {
  console.log(`The meeting point is at http://localhost:${port}`)
})
