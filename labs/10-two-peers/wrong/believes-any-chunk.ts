// Rejected by: bad-frame-survived
/** One program that is both: a server for its own user and for other peers, and a client of them. */
import { setTimeout as delay } from 'node:timers/promises'
import express from 'express'
import type { NextFunction, Request, Response } from 'express'
import { createPeer, endProcess, receiveSignal } from '../../shared/webrtc.ts'
import type { Peer } from '../../shared/webrtc.ts'

const port = Number(process.env.PORT ?? 3000)
const name = process.env.NAME ?? `listener-${process.pid}`
const linkTo = (process.env.LINK_TO ?? '').split(',').filter((other) => other !== '')
const signalUrl = process.env.SIGNAL_URL ?? 'http://localhost:3009'
const peersUrl = `${signalUrl}/rooms/${encodeURIComponent(process.env.ROOM ?? 'harbour')}/peers`

const MAX_BODY_BYTES = 8 * 1024 * 1024
const MAX_FRAME_BYTES = 16_384
/** 11,520 bytes are 15,360 characters of base64: a frame keeps 1,024 for its other members. */
const CHUNK_BYTES = 11_520
const MAX_WAITING_BYTES = 65_536
const PING_MS = 500
const SILENT_MS = 2_000
const DIAL_MS = 10_000
const RETRY_MS = 200

// ---------------------------------------------------------------- The server half

interface Answer {
  status: number
  body: Buffer
}

const library = new Map<string, Buffer>()

/** What this peer has to give, whoever asks: its own user over HTTP, or another peer over a channel. */
function answer(path: string): Answer {
  if (path === '/about') return { status: 200, body: Buffer.from(JSON.stringify({ name })) }
  const title = titleIn(path)
  const body = title === undefined ? undefined : library.get(title)
  return body === undefined ? refusal(404, `${name} has nothing at ${path}`) : { status: 200, body }
}

/** An answer that says why there is none. */
function refusal(status: number, error: string): Answer {
  return { status, body: Buffer.from(JSON.stringify({ error })) }
}

/** The title in `/library/<title>`; undefined when the path has another shape or a broken escape. */
function titleIn(path: string): string | undefined {
  const encoded = /^\/library\/([^/]+)$/.exec(path)?.[1]
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}

// ---------------------------------------------------------------- Links and their frames

interface Other {
  id: string
  name: string
}

/** A question of ours that waits for its answer. */
interface Question {
  status: number
  chunks: Buffer[]
  bytes: number
  silence: NodeJS.Timeout
  settle: (answer: Answer) => void
}

interface Link extends Other {
  peer: Peer
  isOpen: boolean
  /** Ends the link when nothing has come for too long. */
  silence: NodeJS.Timeout
  asked: number
  questions: Map<string, Question>
}

type Frame = Record<string, unknown> & { type: string }

const links = new Map<string, Link>()

/** The open link to the peer of that name; the newest, should an old one not yet be known to be dead. */
function linkNamed(wanted: string): Link | undefined {
  return [...links.values()].findLast((link) => link.isOpen && link.name === wanted)
}

/** Makes our side of a link. The newcomer initiates; whoever was there answers. After that nothing differs. */
function connect(other: Other, initiator: boolean): Link {
  const peer = createPeer({ initiator })
  const silence = setTimeout(() => void peer.destroy(), DIAL_MS)
  const link: Link = { ...other, peer, isOpen: false, silence, asked: 0, questions: new Map() }
  links.set(other.id, link)
  let signals = Promise.resolve()
  peer.on('signal', (data) => (signals = signals.then(() => sendSignal(other.id, data))))
  peer.on('connect', () => opened(link))
  peer.on('data', (data: Buffer) => receive(link, data))
  peer.on('close', () => closed(link))
  return link
}

function opened(link: Link): void {
  if (link.isOpen) return
  link.isOpen = true
  clearTimeout(link.silence)
  link.silence = setTimeout(() => void link.peer.destroy(), SILENT_MS)
  const pings = setInterval(() => send(link, { type: 'ping' }), PING_MS)
  link.peer.on('close', () => clearInterval(pings))
}

function closed(link: Link): void {
  clearTimeout(link.silence)
  if (links.get(link.id) === link) links.delete(link.id)
  for (const question of link.questions.values()) question.settle(refusal(504, `${link.name} has gone`))
}

function send(link: Link, frame: Frame): void {
  if (link.peer.destroyed) return
  try {
    link.peer.send(JSON.stringify(frame))
  } catch {
    link.peer.destroy()
  }
}

/** Whatever comes in is a sign of life; only what has the shape of a frame has an effect. */
function receive(link: Link, data: Buffer): void {
  opened(link)
  link.silence.refresh()
  const frame = parse(data)
  if (frame?.type === 'ping') send(link, { type: 'pong' })
  if (frame?.type === 'request') void serve(link, frame)
  if (frame?.type === 'response') take(link, frame)
}

function parse(data: Buffer): Frame | undefined {
  if (data.length > MAX_FRAME_BYTES) return undefined
  try {
    const frame = JSON.parse(data.toString()) as Frame | null
    return typeof frame === 'object' && frame !== null ? frame : undefined
  } catch {
    return undefined
  }
}

/** The server's half: one request frame in, one or more response frames out. */
async function serve(link: Link, { id, path }: Frame): Promise<void> {
  if (!isId(id) || typeof path !== 'string') return
  const { status, body } = answer(path)
  let sent = 0
  do {
    await roomToSend(link)
    const chunk = body.subarray(sent, sent + CHUNK_BYTES)
    sent += chunk.length
    send(link, { type: 'response', id, status, chunk: chunk.toString('base64'), done: sent === body.length })
  } while (sent < body.length && !link.peer.destroyed)
}

/** Resolves once one more frame fits in what may wait on this link. A destroyed peer has nothing waiting. */
async function roomToSend(link: Link): Promise<void> {
  while (link.peer.bufferSize > MAX_WAITING_BYTES - MAX_FRAME_BYTES) await delay(2)
}

function isId(id: unknown): boolean {
  return typeof id === 'number' || (typeof id === 'string' && id.length <= 64)
}

/** The client's half: resolves with the peer's answer, or with 504 when it has been silent for too long. */
function ask(link: Link, path: string): Promise<Answer> {
  const id = String((link.asked += 1))
  return new Promise((resolve) => {
    const settle = (answer: Answer): void => {
      clearTimeout(question.silence)
      link.questions.delete(id)
      resolve(answer)
    }
    const silence = setTimeout(() => settle(refusal(504, `${link.name} did not answer in time`)), SILENT_MS)
    const question: Question = { status: 0, chunks: [], bytes: 0, silence, settle }
    link.questions.set(id, question)
    send(link, { type: 'request', id, path })
  })
}

/** Adds a chunk to the answer that its id names. Ids of no open question are ignored. */
function take(link: Link, { id, status, chunk, done }: Frame): void {
  const question = typeof id === 'string' ? link.questions.get(id) : undefined
  if (question === undefined || !isStatus(status)) return
  question.silence.refresh()
  const bytes = Buffer.from(chunk as string, 'base64')
  question.chunks.push(bytes)
  question.bytes += bytes.length
  if (question.bytes > MAX_BODY_BYTES) question.settle(refusal(502, `${link.name} sent more than 8 MiB`))
  else if (done === true) question.settle({ status, body: Buffer.concat(question.chunks) })
}

function isStatus(status: unknown): status is number {
  return typeof status === 'number' && /^[2-5]\d\d$/.test(String(status))
}

// ---------------------------------------------------------------- The meeting point (chapter 09)

interface Membership {
  id: string
  token: string
  peers: Other[]
}

let me: Membership | undefined
const names = new Map<string, string>()

/** Joins, calls those who were there, and listens; again and again, because meeting points come and go. */
async function stayInRoom(): Promise<never> {
  for (;;) {
    try {
      me = await join()
      for (const other of me.peers) meet(other)
      await listen(me)
    } catch {
      // Not up yet, gone, or our name not yet free: the next round tries again.
    }
    await delay(RETRY_MS)
  }
}

async function join(): Promise<Membership> {
  const reply = await call('POST', '', { name })
  if (reply.status !== 201) throw new Error(`The meeting point answered ${reply.status}`)
  return (await reply.json()) as Membership
}

function call(method: string, path: string, json?: object): ReturnType<typeof fetch> {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${me?.token}` }
  return fetch(peersUrl + path, { method, headers, body: JSON.stringify(json), signal: AbortSignal.timeout(SILENT_MS) })
}

function meet(other: Other): void {
  names.set(other.id, other.name)
  const isWanted = linkTo.length === 0 || linkTo.includes(other.name)
  if (isWanted && linkNamed(other.name) === undefined) connect(other, true)
}

/** Reads the inbox until the meeting point no longer knows us. A dropped inbox is opened again where it broke off. */
async function listen({ id, token }: Membership): Promise<void> {
  const url = `${peersUrl}/${id}/inbox?token=${encodeURIComponent(token)}`
  let lastEventId = ''
  for (;;) {
    try {
      const headers: Record<string, string> = lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId }
      const reply = await fetch(url, { headers })
      if (reply.status !== 200 || reply.body === null) return
      for await (const event of events(reply.body)) {
        lastEventId = event.id ?? lastEventId
        hear(event.event, event.data)
      }
    } catch {
      // The meeting point has gone. Links that stand do not need it.
    }
    await delay(RETRY_MS)
  }
}

/** The events of a stream, each as its fields: `event: joined` and `data: …` become `{ event, data }`. */
async function* events(body: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, string>> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true })
    const blocks = text.split(/\r?\n\r?\n/)
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      yield Object.fromEntries(block.split(/\r?\n/).map((line) => line.split(/: ?(.*)/)))
    }
  }
}

function hear(event = '', data = ''): void {
  if (event !== 'joined' && event !== 'signal') return
  const message = JSON.parse(data)
  if (event === 'joined') names.set(message.id, message.name)
  else signalled(message.from, message.data)
}

/** A signal for a link we have, or the call of a newcomer. */
function signalled(from: string, data: unknown): void {
  const caller = names.get(from)
  if (caller === undefined) return
  const link = links.get(from) ?? connect({ id: from, name: caller }, false)
  receiveSignal(link.peer, data)
}

async function sendSignal(to: string, data: unknown): Promise<void> {
  await call('POST', `/${to}/signals`, { data }).catch(() => undefined)
}

// ---------------------------------------------------------------- Our own user

const app = express()

app.get(['/about', '/library/:title'], (request, response) => {
  reply(response, answer(request.path))
})

app.put('/library/:title', express.raw({ type: () => true, limit: MAX_BODY_BYTES }), (request, response) => {
  library.set(String(request.params.title), Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0))
  response.status(204).end()
})

app.get('/peers', (_request, response) => {
  const open = [...links.values()].filter((link) => link.isOpen)
  response.json(open.map(({ id, name }) => ({ id, name })))
})

app.get(['/peers/:name/about', '/peers/:name/library/:title'], async (request, response) => {
  const link = linkNamed(String(request.params.name))
  const path = request.path.slice(request.path.indexOf('/', '/peers/'.length))
  reply(response, link === undefined ? refusal(404, 'No such peer is linked') : await ask(link, path))
})

app.use((request, response) => {
  reply(response, refusal(404, `There is nothing at ${request.path}`))
})

app.use((error: { status?: number; message: string }, _request: Request, response: Response, _next: NextFunction) => {
  reply(response, refusal(error.status ?? 500, error.message))
})

/** Files are bytes; everything else that is answered is JSON. */
function reply(response: Response, { status, body }: Answer): void {
  const isFile = status === 200 && response.req.path.includes('/library/')
  response.status(status).type(isFile ? 'application/octet-stream' : 'application/json').send(body)
}

app.listen(port)
void stayInRoom()

process.once('SIGTERM', () => void leave())

/** Leaves the room if there still is one, closes all links, and ends the process. */
async function leave(): Promise<void> {
  const told = call('DELETE', `/${me?.id}`).catch(() => undefined)
  await Promise.race([told, delay(300)])
  await endProcess([...links.values()].map((link) => link.peer))
}
