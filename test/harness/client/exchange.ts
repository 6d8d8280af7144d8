import { maxHeaderSize, request } from 'node:http'
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { wasReset } from '../recorder/keep-reading.ts'
import type { Bound, Bounds } from './bound.ts'
import type { Breakdown } from './breakdown.ts'

/** The whole of an answer may be this long. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** A large body is sent in pieces, so that an early answer is read while it is sent. */
const SLICE_BYTES = 64 * 1024
/** More interim answers than this no answer needs: a program that sends them for ever shall not cost its check's whole bound. */
export const MAX_INTERIM = 100
/** How much of an answer that is not HTTP is kept to be shown. */
const FIRST_BYTES = 512

/** One request as it goes out. */
export interface Outgoing {
  host: string
  port: number
  agent: Agent
  method: string
  /** Sent raw, as UTF-8. */
  path: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array | undefined
}

/** An answer as it came in. */
export interface Incoming {
  status: number
  statusText: string
  httpVersion: string
  /** Pairs of name and value as they came. */
  rawHeaders: readonly string[]
  body: Buffer
  /** The connection had served an earlier request. */
  isReused: boolean
}

/** No whole answer came. */
export class ExchangeError extends Error {
  readonly breakdown: Breakdown
  /** The connection had served an earlier request, and not one byte came. */
  readonly isStale: boolean

  constructor(breakdown: Breakdown, isStale = false) {
    super(breakdown.kind)
    this.breakdown = breakdown
    this.isStale = isStale
  }
}

/**
 * Sends a request and reads its answer, within the bound. An answer that came whole before the upload
 * ended is an answer; so is one whose connection was reset, once its status line was read, because the
 * program did not want the rest of the body.
 * @throws ExchangeError when no whole answer came
 */
export function exchange(outgoing: Outgoing, bounds: Bounds, withinMs: number | undefined): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    new Exchange(outgoing, resolve, reject).begin(bounds, withinMs)
  })
}

class Exchange {
  readonly #outgoing: Outgoing
  readonly #resolve: (incoming: Incoming) => void
  readonly #reject: (error: ExchangeError) => void
  readonly #sent: ClientRequest
  readonly #first: () => Buffer
  readonly #chunks: Buffer[] = []
  #received = 0
  /** Answers that only announce one (1xx): how many, and the last of them. */
  #interim = { count: 0, status: '' }
  #answer: IncomingMessage | undefined
  #bound: Bound | undefined

  constructor(outgoing: Outgoing, resolve: (incoming: Incoming) => void, reject: (error: ExchangeError) => void) {
    this.#outgoing = outgoing
    this.#resolve = resolve
    this.#reject = reject
    this.#sent = request(requestOptions(outgoing))
    this.#first = watchFirstBytes(this.#sent)
  }

  begin(bounds: Bounds, withinMs: number | undefined): void {
    this.#bound = bounds.start(withinMs, () => this.#onOver())
    this.#sent.on('response', (answer) => this.#onResponse(answer))
    this.#sent.on('information', ({ statusCode, statusMessage }) => this.#onInterim(`${statusCode} ${statusMessage}`.trim()))
    this.#sent.on('error', (error) => this.#onError(error))
    void send(this.#sent, this.#outgoing.body)
  }

  #onInterim(status: string): void {
    this.#interim = { count: this.#interim.count + 1, status }
    if (this.#interim.count > MAX_INTERIM) this.#fail({ kind: 'only-interim' })
  }

  #onResponse(answer: IncomingMessage): void {
    this.#answer = answer
    answer.on('data', (bytes: Buffer) => {
      this.#chunks.push(bytes)
      this.#received += bytes.length
      if (this.#received > MAX_ANSWER_BYTES) this.#fail({ kind: 'too-large', maxBytes: MAX_ANSWER_BYTES })
    })
    answer.on('end', () => this.#succeed(answer))
    answer.on('error', () => {
      const isRefusal = this.#outgoing.body !== undefined && (answer.statusCode ?? 0) >= 400
      if (isRefusal && wasReset(answer.socket)) this.#succeed(answer)
      else this.#fail({ kind: 'cut' })
    })
  }

  #onError(error: NodeJS.ErrnoException): void {
    // Of a connection that drops, the answer has an error of its own.
    if (this.#answer !== undefined && !isHttpError(error)) return
    if (this.#answer !== undefined) {
      const isChunked = /chunked/i.test(this.#answer.headers['transfer-encoding'] ?? '')
      return this.#fail({ kind: isChunked ? 'bad-body' : 'surplus', first: wrongBytes(error), forMethod: this.#outgoing.method })
    }
    const first = this.#first()
    this.#fail(diagnoseError(error, first), this.#sent.reusedSocket && first.length === 0)
  }

  #onOver(): void {
    const kind = this.#answer !== undefined ? 'never-ends' : this.#first().length > 0 ? 'half-head' : 'silent'
    this.#fail({ kind, ms: this.#bound?.ms ?? 0, isRest: this.#bound?.isRest ?? false })
  }

  #succeed(answer: IncomingMessage): void {
    this.#finish()
    const { statusCode = 0, statusMessage = '', rawHeaders, httpVersion } = answer
    const body = Buffer.concat(this.#chunks)
    this.#resolve({ status: statusCode, statusText: statusMessage, httpVersion, rawHeaders, body, isReused: this.#sent.reusedSocket })
  }

  #fail(breakdown: Breakdown, isStale = false): void {
    this.#finish()
    const kind = this.#interim.count > 0 && breakdown.kind === 'half-head' ? 'only-interim' : breakdown.kind
    this.#reject(new ExchangeError({ ...this.#evidence(), ...breakdown, kind }, isStale))
  }

  #finish(): void {
    this.#bound?.stop()
    const canBeKept = this.#answer?.complete === true && this.#sent.writableFinished
    if (!canBeKept) this.#sent.destroy()
  }

  #evidence(): Partial<Breakdown> {
    const { count, status } = this.#interim
    if (this.#answer === undefined) return { first: this.#first(), ...(count > 0 && { status }) }
    const { statusCode, statusMessage, headers } = this.#answer
    const length = headers['content-length']
    const promised = length === undefined ? {} : { promised: Number(length) }
    return { status: `${statusCode} ${statusMessage}`.trim(), received: this.#received, ...promised }
  }
}

/** What node:http takes. */
export function requestOptions({ host, port, agent, method, path, headers, body }: Outgoing): object {
  const hasLength = Object.keys(headers).some((name) => /^(content-length|transfer-encoding)$/i.test(name))
  const length = body === undefined || hasLength ? {} : { 'Content-Length': String(body.length) }
  // Node writes a request line as Latin-1: one character a byte.
  const rawPath = Buffer.from(path, 'utf8').toString('latin1')
  return { host, port, agent, method, path: rawPath, headers: { ...headers, ...length } }
}

/** The first bytes that come for this request, for an answer that the parser refuses. */
export function watchFirstBytes(sent: ClientRequest): () => Buffer {
  let first: Buffer = Buffer.alloc(0)
  const watch = (bytes: Buffer): void => {
    if (first.length < FIRST_BYTES) first = Buffer.concat([first, bytes]).subarray(0, FIRST_BYTES)
  }
  sent.on('socket', (socket: Socket) => {
    // Before the parser's own listener, which may destroy the socket.
    socket.prependListener('data', watch)
    const unwatch = (): void => { socket.off('data', watch) }
    sent.once('response', unwatch)
    sent.once('close', unwatch)
  })
  return () => first
}

async function send(sent: ClientRequest, body: Uint8Array | undefined): Promise<void> {
  for (let at = 0; body !== undefined && at < body.length && !sent.destroyed; at += SLICE_BYTES) {
    const hasRoom = sent.write(body.subarray(at, at + SLICE_BYTES))
    if (body.length <= SLICE_BYTES) break
    if (!hasRoom) await drained(sent)
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (!sent.destroyed) sent.end()
}

function drained(sent: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sent.off('drain', done).off('close', done)
      resolve()
    }
    sent.on('drain', done).on('close', done)
  })
}

/** @param first what came before the error */
export function diagnoseError(error: NodeJS.ErrnoException, first: Buffer): Breakdown {
  const code = error.code ?? error.message
  if (code === 'HPE_HEADER_OVERFLOW') return { kind: 'large-head', maxBytes: maxHeaderSize }
  if (isHttpError(error)) return { kind: 'not-http' }
  if (code === 'ECONNREFUSED') return { kind: 'refused' }
  const isDrop = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'HPE_INVALID_EOF_STATE'].includes(code)
  if (!isDrop) return { kind: 'unreachable', code }
  if (first.length > 0) return { kind: 'half-head' }
  // Node's "socket hang up" has the code of a reset but names no system call: the connection was closed politely.
  return { kind: error.syscall === undefined ? 'closed' : 'reset' }
}

/** The parser's own complaint, apart from an end that comes too early. */
function isHttpError({ code = '' }: NodeJS.ErrnoException): boolean {
  return code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE'
}

/** Where the parser stopped. */
function wrongBytes(error: NodeJS.ErrnoException & { rawPacket?: Buffer; bytesParsed?: number }): Buffer {
  return error.rawPacket?.subarray(error.bytesParsed ?? 0) ?? Buffer.alloc(0)
}
