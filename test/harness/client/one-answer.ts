import type { MessageHead } from '../recorder/message-head.ts'
import { MAX_HEAD_BYTES, MessageReader } from '../recorder/message-reader.ts'
import type { AfterHead } from '../recorder/message-reader.ts'
import type { Breakdown } from './breakdown.ts'
import { MAX_ANSWER_BYTES, MAX_INTERIM } from './exchange.ts'
import type { RawAnswer } from './reply.ts'

/** How the other side has ended a connection; undefined while it is open. */
export type Closed = 'closed' | 'reset' | undefined

/** An answer and the bytes after it, or why there is none. */
export type Outcome = { answer: RawAnswer; head: MessageHead; rest: Buffer } | { breakdown: Breakdown }

/** How much of an answer without a whole head is kept to be shown. */
const FIRST_BYTES = 512

/** One final answer while it comes in; interim answers (1xx) before it are skipped. */
export class OneAnswer {
  readonly #reader: MessageReader
  readonly #isForHead: boolean
  #head: MessageHead | undefined
  readonly #body: Buffer[] = []
  #received = 0
  /** Where the answer ends in the bytes fed last. */
  #end: number | undefined
  #notHttp: Buffer | undefined
  #isTooLarge = false
  /** Answers that only announce one (1xx): how many, and the last of them. */
  #interim = { count: 0, status: '' }
  #first: Buffer = Buffer.alloc(0)

  /** @param forMethod of the request; an answer to HEAD has no body whatever its headers say */
  constructor(forMethod = 'GET') {
    this.#isForHead = forMethod.toUpperCase() === 'HEAD'
    this.#reader = new MessageReader('RESPONSE', {
      onHead: (head) => this.#onHead(head),
      onBody: (bytes) => this.#onBody(bytes),
      onEnd: (offset) => this.#onEnd(offset),
      onRaw: (bytes, isTooLarge) => {
        if (this.#end !== undefined) return
        this.#notHttp ??= bytes
        this.#isTooLarge ||= isTooLarge
      },
    })
  }

  /** Takes what has come. Undefined: more is needed. */
  feed(bytes: Buffer, closed: Closed): Outcome | undefined {
    this.#first = Buffer.concat([this.#first, bytes]).subarray(0, FIRST_BYTES)
    this.#reader.feed(bytes)
    if (this.#end === undefined && (closed === 'closed' || (closed === 'reset' && endsWithReset(this.#head)))) this.#reader.finish()
    if (this.#end !== undefined && this.#head !== undefined) {
      const { status, statusText, rawHeaders, text } = this.#head
      const answer = { status, statusText, httpVersion: text.slice(5, 8), rawHeaders, body: Buffer.concat(this.#body) }
      return { answer, head: this.#head, rest: bytes.subarray(this.#end) }
    }
    const breakdown = this.#breakdown(closed)
    return breakdown === undefined ? undefined : { breakdown }
  }

  /** What to say when the time has passed. */
  overdue(ms: number): Breakdown {
    if (this.#head !== undefined) return { kind: 'never-ends', ms, ...this.#evidence(this.#head) }
    if (this.#interim.count > 0) return { ...this.#onlyInterim(), ms }
    return this.#first.length > 0 ? { kind: 'half-head', first: this.#first, ms } : { kind: 'silent', ms }
  }

  #onlyInterim(): Breakdown {
    return { kind: 'only-interim', status: this.#interim.status }
  }

  #breakdown(closed: Closed): Breakdown | undefined {
    if (this.#interim.count > MAX_INTERIM) return this.#onlyInterim()
    if (this.#head === undefined && this.#isTooLarge) return { kind: 'large-head', first: this.#first, maxBytes: MAX_HEAD_BYTES }
    if (this.#head === undefined && this.#notHttp !== undefined) return { kind: 'not-http', first: this.#notHttp }
    if (this.#head !== undefined && this.#received > MAX_ANSWER_BYTES) {
      return { kind: 'too-large', maxBytes: MAX_ANSWER_BYTES, ...this.#evidence(this.#head) }
    }
    if (this.#head !== undefined && this.#notHttp !== undefined) return { kind: 'bad-body', ...this.#evidence(this.#head), first: this.#notHttp }
    if (closed === undefined) return undefined
    if (this.#head !== undefined) return { kind: 'cut', ...this.#evidence(this.#head) }
    if (this.#interim.count > 0) return this.#onlyInterim()
    return this.#first.length > 0 ? { kind: 'half-head', first: this.#first } : { kind: closed }
  }

  #evidence(head: MessageHead): Partial<Breakdown> {
    return { ...announced(head), received: this.#received }
  }

  #onHead(head: MessageHead): AfterHead {
    if (this.#end === undefined) this.#head = head
    return this.#isForHead ? 'no-body' : 'body'
  }

  #onBody(bytes: Buffer): void {
    if (this.#end !== undefined) return
    this.#body.push(bytes)
    this.#received += bytes.length
  }

  #onEnd(offset: number): void {
    if (this.#end !== undefined) return
    if (!isInterim(this.#head)) {
      this.#end = offset
      return
    }
    this.#interim = { count: this.#interim.count + 1, status: announced(this.#head).status ?? '' }
    this.#head = undefined
  }
}

/**
 * A refusal of no length ends where its connection does. A server that has not read all of what it refuses resets the
 * connection as it closes it: Node does so after its 431.
 */
function endsWithReset(head: MessageHead | undefined): boolean {
  if (head === undefined || head.status < 400 || head.status > 499) return false
  return head.headers['content-length'] === undefined && head.headers['transfer-encoding'] === undefined
}

/** It announces an answer, which follows. */
function isInterim(head: MessageHead | undefined): head is MessageHead {
  return head !== undefined && head.status < 200 && head.status !== 101
}

/** What the head of an answer says of it. */
export function announced({ status, statusText, headers }: MessageHead): Pick<Breakdown, 'status' | 'promised'> {
  const length = headers['content-length']
  return { status: `${status} ${statusText}`.trim(), ...(length === undefined ? {} : { promised: Number(length) }) }
}
