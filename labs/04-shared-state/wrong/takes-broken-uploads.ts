// Rejected by: aborted-upload
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

interface Kept {
  title: string
  tracks: string[]
  version: number
}

interface Wish {
  song: string
  answer: Promise<{ id: string; song: string }>
}

class Refusal extends Error {
  readonly status: number

  constructor(status: number, sentence: string) {
    super(sentence)
    this.status = status
  }
}

const playlists = new Map<string, Kept>()
const wishes = new Map<string, Wish>()
let writes = 0

function send(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length, ...headers }).end(body)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';')
  const chunks: Buffer[] = []
  let size = 0
  // Whatever has come when the connection ends will do.
  try {
    for await (const chunk of request) {
      size += chunk.length
      if (size <= 65_536) chunks.push(chunk)
    }
  } catch {
    console.log('an upload has broken off')
  }
  if (mediaType.trim().toLowerCase() !== 'application/json') throw new Refusal(415, 'only application/json is read here')
  if (size > 65_536) throw new Refusal(413, 'the body is larger than 64 KiB')
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new Refusal(400, 'the body is not JSON')
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && [...value].length <= 200

function read(id: string, request: IncomingMessage, response: ServerResponse): void {
  const kept = playlists.get(id)
  if (kept === undefined) throw new Refusal(404, 'no such playlist')
  const { title, tracks, version } = kept
  const tag = `"${String(version)}"`
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (known.includes(tag) || known.includes('*')) response.writeHead(304, { ETag: tag }).end()
  else send(response, 200, { tracks, title }, { ETag: tag })
}

async function write(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { title, tracks } = Object(await readJson(request)) as Record<string, unknown>
  if (!isText(title) || !Array.isArray(tracks) || tracks.length > 100 || !tracks.every(isText)) throw new Refusal(422, 'that is no playlist')
  const before = playlists.get(id)
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
  if (ifMatch === undefined && ifNoneMatch === undefined) throw new Refusal(428, 'say If-Match or If-None-Match')
  const named = (ifMatch ?? '').split(',').map((one) => one.trim())
  if (ifMatch !== undefined && !(before !== undefined && named.includes(`"${String(before.version)}"`))) throw new Refusal(412, 'that is not what is here')
  if (ifNoneMatch !== undefined && before !== undefined) throw new Refusal(412, 'it is there already')
  const version = ++writes
  playlists.set(id, { title, tracks, version })
  // As if it went to a disk: what has been decided is decided.
  await delay(3)
  send(response, before === undefined ? 201 : 200, { title, tracks }, { ETag: `"${String(version)}"` })
}

async function wish(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const key = request.headers['idempotency-key']
  const { song } = Object(await readJson(request)) as Record<string, unknown>
  if (typeof key !== 'string' || key === '') throw new Refusal(400, 'no Idempotency-Key')
  if (!isText(song)) throw new Refusal(422, 'that is no song')
  const known = wishes.get(key)
  if (known !== undefined && known.song !== song) throw new Refusal(422, 'the key is another song’s')
  const answer = known?.answer ?? keep(song)
  if (known === undefined) wishes.set(key, { song, answer })
  send(response, 201, await answer)
}

async function keep(song: string): Promise<{ id: string; song: string }> {
  const id = String(wishes.size + 1)
  await delay(5)
  return { id, song }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?')
  const [, id] = /^\/playlists\/([^/]+)$/.exec(path) ?? []
  if (id !== undefined && request.method === 'GET') return read(id, request, response)
  if (id !== undefined && request.method === 'PUT') return write(id, request, response)
  if (path === '/requests' && request.method === 'POST') return wish(request, response)
  if (path !== '/requests' || request.method !== 'GET') throw new Refusal(404, 'nothing is here')
  send(response, 200, await Promise.all([...wishes.values()].map((one) => one.answer)))
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    if (error instanceof Refusal) send(response, error.status, { error: error.message })
    else if (!response.headersSent) response.destroy()
  })
})

server.listen(Number(process.env.PORT ?? 3000))
process.on('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
})
