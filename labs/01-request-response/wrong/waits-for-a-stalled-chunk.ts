// Rejected by: slow-sender
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

interface Show {
  id: string
  title: string
  minutes: number
}

interface Incoming {
  method: string
  path: string
  headers: Map<string, string>
  body: Buffer
}

interface Outgoing {
  status: number
  value?: unknown
  headers?: Record<string, string>
}

/** A body, and where in the stream the next request begins. */
interface Taken {
  body: Buffer
  end: number
}

const maxBodyBytes = 65_536
const maxPendingBytes = 1_048_576
const shows = new Map<string, Show>()
let lastId = 0
/** While its request is not whole, all others wait. */
let unfinished: Socket | undefined

/** Takes one whole request from the front of the stream; null while some of it is still to come. */
function takeRequest(stream: Buffer): { request: Incoming; rest: Buffer } | null {
  const headEnd = stream.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const [startLine = '', ...lines] = stream.subarray(0, headEnd).toString('latin1').split('\r\n')
  const [method = '', path = ''] = startLine.split(' ')
  const headers = new Map(lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  }))
  const isChunked = headers.get('transfer-encoding')?.toLowerCase() === 'chunked'
  const length = Number(headers.get('content-length') ?? 0)
  const taken = isChunked ? takeChunks(stream, headEnd + 4) : takeCounted(stream, headEnd + 4, length)
  return taken && { request: { method, path, headers, body: taken.body }, rest: stream.subarray(taken.end) }
}

function takeCounted(stream: Buffer, start: number, length: number): Taken | null {
  const end = start + length
  return stream.length < end ? null : { body: stream.subarray(start, end), end }
}

function takeChunks(stream: Buffer, start: number): Taken | null {
  const chunks: Buffer[] = []
  for (let at = start; ;) {
    const lineEnd = stream.indexOf('\r\n', at)
    if (lineEnd === -1) return null
    const size = Number.parseInt(stream.subarray(at, lineEnd).toString('latin1'), 16)
    const end = lineEnd + 2 + size
    if (stream.length < end + 2) return null
    if (size === 0) return { body: Buffer.concat(chunks), end: end + 2 }
    chunks.push(stream.subarray(lineEnd + 2, end))
    at = end + 2
  }
}

function refuse(status: number, error: string, headers: Record<string, string> = {}): Outgoing {
  return { status, value: { error }, headers }
}

function answer(request: Incoming): Outgoing {
  if (request.path === '/shows') return answerList(request)
  if (!/^\/shows\/[^/]+$/.test(request.path)) return refuse(404, 'There is nothing here.')
  const id = request.path.slice('/shows/'.length)
  const show = shows.get(id)
  if (show === undefined) return refuse(404, 'There is no such show.')
  if (request.method === 'GET' || request.method === 'HEAD') return { status: 200, value: show }
  if (request.method !== 'DELETE') return refuse(405, 'Read it or delete it.', { Allow: 'GET, HEAD, DELETE' })
  shows.delete(id)
  return { status: 204 }
}

function answerList(request: Incoming): Outgoing {
  if (request.method === 'GET' || request.method === 'HEAD') return { status: 200, value: [...shows.values()] }
  if (request.method !== 'POST') return refuse(405, 'Read it or add to it.', { Allow: 'GET, HEAD, POST' })
  const mediaType = (request.headers.get('content-type') ?? '').replace(/;.*/, '').trim().toLowerCase()
  if (mediaType !== 'application/json') return refuse(415, 'Only JSON is read here.')
  if (request.body.length > maxBodyBytes) return refuse(413, 'That is more than 64 KiB.')
  let value: unknown
  try {
    value = JSON.parse(request.body.toString('utf8'))
  } catch {
    return refuse(400, 'That is not JSON.')
  }
  return createShow(value)
}

function createShow(value: unknown): Outgoing {
  const { title, minutes } = Object(value) as Partial<Show>
  if (typeof title !== 'string' || title.length < 1 || title.length > 200) return refuse(422, 'A title has 1 to 200 characters.')
  if (!Number.isInteger(minutes) || minutes! < 1 || minutes! > 1440) return refuse(422, 'A show has 1 to 1440 minutes.')
  const show = { id: String(++lastId), title, minutes: minutes! }
  shows.set(show.id, show)
  return { status: 201, value: show, headers: { Location: `/shows/${show.id}` } }
}

function write(socket: Socket, method: string, { status, value, headers = {} }: Outgoing): void {
  const body = Buffer.from(value === undefined ? '' : JSON.stringify(value))
  const lines = Object.entries(headers).map(([name, text]) => `${name}: ${text}`)
  if (value !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${body.length}`)
  const head = Buffer.from([`HTTP/1.1 ${status} .`, ...lines, '', ''].join('\r\n'))
  // In one write: two small ones would wait for each other (Nagle's algorithm and delayed acknowledgements).
  socket.write(method === 'HEAD' ? head : Buffer.concat([head, body]))
}

const server = createServer((socket) => {
  let pending: Buffer = Buffer.alloc(0)
  socket.on('close', () => { if (unfinished === socket) unfinished = undefined })
  socket.on('data', async (packet: Buffer) => {
    while (unfinished !== undefined && unfinished !== socket) await delay(5)
    pending = Buffer.concat([pending, packet])
    for (let taken = takeRequest(pending); taken !== null; taken = takeRequest(pending)) {
      pending = taken.rest
      write(socket, taken.request.method, answer(taken.request))
      if (taken.request.headers.get('connection')?.toLowerCase() === 'close') socket.end()
    }
    unfinished = /transfer-encoding: chunked/i.test(pending.toString('latin1')) ? socket : undefined
    if (pending.length > maxPendingBytes) socket.end('HTTP/1.1 413 .\r\nConnection: close\r\n\r\n')
  })
  socket.on('error', () => socket.destroy())
})

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
