// Rejected by: creates-with-location, lists, reads-one, server-names-the-show, utf8-bytes
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'

interface Show {
  id: number
  title: string
  minutes: number
}

/** A refusal: thrown anywhere, answered in one place. */
class Refusal extends Error {
  readonly status: number

  constructor(status: number, sentence: string) {
    super(sentence)
    this.status = status
  }
}

const shows: Show[] = []
let lastNumber = 0

function send(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length, ...headers }).end(body)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    // What is too much is read and forgotten, so that the client can finish and then listen.
    if (size <= 65_536) chunks.push(chunk)
  }
  if (size > 65_536) throw new Refusal(413, 'the body is larger than 64 KiB')
  return Buffer.concat(chunks)
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new Refusal(400, 'the body is not JSON')
  }
}

function toNewShow(value: unknown): Omit<Show, 'id'> {
  const { title, minutes } = Object(value) as Record<string, unknown>
  if (typeof title !== 'string' || title.length < 1 || [...title].length > 200) throw new Refusal(422, 'bad title')
  if (typeof minutes !== 'number' || !Number.isInteger(minutes) || minutes < 1 || minutes > 1440) {
    throw new Refusal(422, 'bad minutes')
  }
  return { title, minutes }
}

async function create(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';')
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    request.resume()
    throw new Refusal(415, 'only application/json is read here')
  }
  const show: Show = { id: ++lastNumber, ...toNewShow(parse(await readBody(request))) }
  shows.push(show)
  send(response, 201, show, { Location: `/shows/${show.id}` })
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new Refusal(400, 'the path is badly escaped')
  }
}

function answerOne(method: string, id: number, response: ServerResponse): void {
  if (!['GET', 'HEAD', 'DELETE'].includes(method)) return refuseMethod(response, 'GET, HEAD, DELETE')
  const index = shows.findIndex((show) => show.id === id)
  if (index === -1) throw new Refusal(404, 'no such show')
  if (method !== 'DELETE') return send(response, 200, shows[index])
  shows.splice(index, 1)
  response.writeHead(204).end()
}

function refuseMethod(response: ServerResponse, allowed: string): void {
  send(response, 405, { error: `only ${allowed}` }, { Allow: allowed })
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? ''
  const [path = ''] = (request.url ?? '').split('?')
  const item = /^\/shows\/([^/]+)$/.exec(path)
  if (item) return answerOne(method, Number(decode(item[1]!)), response)
  if (path !== '/shows') throw new Refusal(404, 'nothing is here')
  if (method === 'GET' || method === 'HEAD') return send(response, 200, shows)
  if (method === 'POST') return create(request, response)
  refuseMethod(response, 'GET, HEAD, POST')
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
