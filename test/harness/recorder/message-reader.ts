import { HTTPParser } from 'http-parser-js'
import { toHead } from './message-head.ts'
import type { MessageHead } from './message-head.ts'

/** What follows a head: a body as the headers say, none (an answer to HEAD), or another protocol. */
export type AfterHead = 'body' | 'no-body' | 'upgrade'

export interface MessageListener {
  onHead(head: MessageHead): AfterHead
  onBody(bytes: Buffer): void
  /** @param offset where the next message begins in the bytes fed last */
  onEnd(offset: number): void
  /**
   * Bytes that are not HTTP. After the first of them nothing else is reported.
   * @param isTooLarge they may be: a head that is larger than {@link MAX_HEAD_BYTES} is read no further
   */
  onRaw(bytes: Buffer, isTooLarge: boolean): void
}

/** What this module uses of the parser beyond its declared types. */
interface ParserInternals {
  state: string
  offset: number
  consumeLine(): string | undefined
}

/** How much of an unfinished head is kept to be shown. */
const MAX_PARTIAL_BYTES = 4_096
/** A head may be so large. */
export const MAX_HEAD_BYTES = 256 * 1024
const NONE: Buffer = Buffer.alloc(0)

// Bytes beyond ASCII in a head are kept one to one. The parser counts the end of a body towards the
// next head's size, so the bound leaves room for one read of 64 KiB.
HTTPParser.encoding = 'latin1'
HTTPParser.maxHeaderSize = MAX_HEAD_BYTES

/**
 * Parses one direction of a connection, for as many messages as come. Never throws for what it is fed.
 * Stricter than its parser where that takes what no browser would.
 * @see https://www.rfc-editor.org/rfc/rfc9112 HTTP/1.1
 */
export class MessageReader {
  readonly #parser: InstanceType<typeof HTTPParser>
  readonly #internals: ParserInternals
  readonly #listener: MessageListener
  #phase: 'head' | 'body' | 'raw' = 'head'
  /** The lines of the head that is being read. */
  #lines: string[] = []
  #partial = NONE
  #isTooLarge = false
  /** Where the message that is being read began in the bytes fed last. */
  #begin = 0

  constructor(kind: 'REQUEST' | 'RESPONSE', listener: MessageListener) {
    this.#parser = new HTTPParser(HTTPParser[kind])
    this.#internals = this.#parser as unknown as ParserInternals
    this.#listener = listener
    this.#watchLines()
    this.#parser[HTTPParser.kOnHeadersComplete] = ({ headers }) => this.#onHead(headers)
    this.#parser[HTTPParser.kOnBody] = (bytes) => listener.onBody(bytes)
    this.#parser[HTTPParser.kOnMessageComplete] = () => this.#onEnd()
  }

  feed(bytes: Buffer): void {
    this.#begin = 0
    for (let at = 0; at < bytes.length; at = this.#internals.offset) {
      if (this.#phase === 'raw') return this.#listener.onRaw(bytes.subarray(at), this.#isTooLarge)
      if (!this.#parse(bytes, at)) return this.#fail(bytes)
    }
    if (this.#phase === 'head') this.#keepPartial(bytes.subarray(this.#begin))
  }

  /** Says that no more bytes come: ends a body that lasts until the end. */
  finish(): void {
    if (this.#phase === 'body') this.#parser.finish()
  }

  /** The first bytes of a message whose head is not whole yet. Line ends before a message are no message. */
  partialHead(): Buffer {
    return this.#partial.every((byte) => byte === 0x0d || byte === 0x0a) ? NONE : this.#partial
  }

  /** False when the bytes are not HTTP: the parser returns some errors, and throws others. */
  #parse(bytes: Buffer, at: number): boolean {
    try {
      const outcome: unknown = this.#parser.execute(bytes, at, bytes.length - at)
      this.#isTooLarge = outcome instanceof Error && /header size/.test(outcome.message)
      return !(outcome instanceof Error)
    } catch {
      return false
    }
  }

  #watchLines(): void {
    const consumeLine = this.#internals.consumeLine.bind(this.#parser)
    this.#internals.consumeLine = () => {
      const line = consumeLine()
      if (line === undefined) return line
      if (this.#phase === 'head' && (line !== '' || this.#lines.length > 0)) this.#lines.push(line)
      if (this.#internals.state === 'BODY_CHUNKHEAD') assertChunkHead(line)
      return line
    }
  }

  #onHead(rawHeaders: readonly string[]): number {
    const head = toHead(this.#lines, rawHeaders)
    this.#phase = 'body'
    this.#partial = NONE
    const told = this.#listener.onHead(head)
    // A 304 may tell the length of the body that it leaves out, as an answer to HEAD does.
    const after = told === 'body' && head.status === 304 ? 'no-body' : told
    if (after === 'upgrade') this.#phase = 'raw'
    return { 'body': 0, 'no-body': 1, 'upgrade': 2 }[after]
  }

  #onEnd(): void {
    this.#lines = []
    this.#begin = this.#internals.offset
    if (this.#phase !== 'raw') this.#phase = 'head'
    this.#listener.onEnd(this.#internals.offset)
  }

  #fail(bytes: Buffer): void {
    const begin = this.#phase === 'head' ? this.#begin : Math.min(this.#internals.offset, bytes.length)
    const earlier = this.#begin === 0 ? this.#partial : NONE
    this.#phase = 'raw'
    this.#partial = NONE
    this.#listener.onRaw(Buffer.concat([earlier, bytes.subarray(begin)]), this.#isTooLarge)
  }

  #keepPartial(bytes: Buffer): void {
    const earlier = this.#begin === 0 ? this.#partial : NONE
    if (bytes.length === 0) this.#partial = NONE
    else if (earlier.length < MAX_PARTIAL_BYTES) this.#partial = Buffer.concat([earlier, bytes]).subarray(0, MAX_PARTIAL_BYTES)
  }
}

/** The parser takes any text for a chunk of size 0, and so for the end of the body. */
function assertChunkHead(line: string): void {
  if (!/^[0-9a-f]+[ \t]*(;.*)?$/i.test(line)) throw new Error(`A chunk's size is "${line.slice(0, 40)}"`)
}
