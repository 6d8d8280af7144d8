import type { TraceEvent, TraceKind } from '../types/index.ts'
import type { Trace } from '../trace.ts'
import type { MessageHead } from './message-head.ts'
import { countBytes, cutBytes, MAX_BODY_BYTES, quoteBytes, readableBytes } from './readable-bytes.ts'

/** Who speaks to whom on which connection. */
export interface Direction {
  trace: Trace
  from: string
  to: string
  connection: number
}

/** The trace's event of one message, completed while the message passes. */
export class MessageRecord {
  readonly event: TraceEvent
  readonly #trace: Trace
  #kept: Buffer = Buffer.alloc(0)
  #bytes = 0
  #start = ''
  #mediaType = ''

  /** Begins as bytes of which nothing is known yet. */
  constructor({ trace, from, to, connection }: Direction) {
    this.#trace = trace
    this.event = trace.add({ from, to, kind: 'raw', summary: '', detail: { connection } })
  }

  get isEventStream(): boolean {
    return this.#mediaType === 'text/event-stream'
  }

  /** Shows the beginning of a head that is not whole yet. */
  showPartial(bytes: Buffer): void {
    this.event.summary = `the beginning of a message: ${quoteBytes(bytes, 60)}`
    this.event.detail = { ...this.event.detail, body: readableBytes(bytes), bodyBytes: bytes.length }
  }

  /** The head has come: from now on it is a request or a response. */
  showHead(kind: TraceKind, head: MessageHead): void {
    this.#start = head.method === '' ? `${head.status} ${head.statusText}`.trim() : `${head.method} ${head.target}`
    this.#mediaType = (head.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
    this.event.kind = kind
    this.event.detail = { head: head.text, connection: this.event.detail.connection }
    this.#summarise()
    this.#touch()
  }

  addBody(bytes: Buffer): void {
    this.#keep(bytes)
    this.#summarise()
    this.#touch()
  }

  addRaw(bytes: Buffer): void {
    this.#keep(bytes)
    this.event.kind = 'raw'
    this.event.summary = `${countBytes(this.#bytes)} that are not HTTP: ${quoteBytes(this.#kept, 60)}`
    this.#touch()
  }

  #keep(bytes: Buffer): void {
    this.#bytes += bytes.length
    this.event.detail.bodyBytes = this.#bytes
    // One byte more than is shown, so that a body which was cut is known to be cut.
    const room = MAX_BODY_BYTES + 1 - this.#kept.length
    if (room <= 0 || this.isEventStream) return
    this.#kept = Buffer.concat([this.#kept, bytes.subarray(0, room)])
    this.event.detail.body = readableBytes(cutBytes(this.#kept))
  }

  #summarise(): void {
    const type = this.#mediaType === '' ? '' : ` of ${this.#mediaType}`
    const body = this.isEventStream ? `, ${this.#mediaType}` : this.#bytes === 0 ? '' : `, ${countBytes(this.#bytes)}${type}`
    this.event.summary = `${this.#start}${body}`
  }

  #touch(): void {
    const now = this.#trace.now()
    if (now > this.event.at) this.event.detail.endedAt = now
  }
}
