import type { Socket } from 'node:net'
import type { Bounds } from './bound.ts'
import { ExchangeError, MAX_ANSWER_BYTES } from './exchange.ts'
import type { Breakdown } from './breakdown.ts'
import type { EarlierAnswers } from './earlier-answers.ts'
import { announced, OneAnswer } from './one-answer.ts'
import type { Closed, Outcome } from './one-answer.ts'
import type { MessageHead } from '../recorder/message-head.ts'
import type { RawAnswer } from './reply.ts'

/** So much of what nobody has asked for is kept. */
const MAX_UNREAD_BYTES = 1024 * 1024

/**
 * Reads answers off a connection, each when it is asked for: only then is it known which request it answers.
 * Takes over the reading side of the socket.
 */
export class AnswerReader {
  readonly #socket: Socket
  readonly #watchers = new Set<() => void>()
  #unread: Buffer = Buffer.alloc(0)
  #closed: Closed
  /** How many answers were read, and the head of the last of them. */
  #answers = 0
  #last: { head: MessageHead; forMethod: string | undefined } | undefined
  readonly #asked: () => number

  /** @param asked how many requests were sent so far */
  constructor(socket: Socket, asked: () => number) {
    this.#socket = socket
    this.#asked = asked
    socket.on('data', (bytes: Buffer) => this.#onData(bytes))
    socket.on('error', () => { this.#closed ??= 'reset' })
    socket.on('end', () => this.#onClosed())
    socket.on('close', () => this.#onClosed())
  }

  /** The next final answer. @throws ExchangeError when none comes */
  async next(bounds: Bounds, withinMs: number | undefined, forMethod: string | undefined): Promise<RawAnswer> {
    const coming = new OneAnswer(forMethod)
    const { found, ms } = await this.#wait((): Outcome | undefined => {
      const bytes = this.#unread
      this.#unread = Buffer.alloc(0)
      const outcome = coming.feed(bytes, this.#closed)
      if (outcome !== undefined && 'rest' in outcome) this.#unread = outcome.rest
      return outcome
    }, bounds, withinMs)
    if (found === undefined) throw new ExchangeError(this.#withEarlier(coming.overdue(ms)))
    if ('breakdown' in found) throw new ExchangeError(this.#withEarlier(found.breakdown))
    this.#answers++
    this.#last = { head: found.head, forMethod }
    return found.answer
  }

  /** What came before may be the cause: an answer that was longer than it said, or that announced the end. */
  #withEarlier(breakdown: Breakdown): Breakdown {
    if (this.#last === undefined) return breakdown
    const { head, forMethod } = this.#last
    if (isSurplus(breakdown) && !isChunked(head)) {
      return { ...breakdown, kind: 'surplus', ...announced(head), ...(forMethod === undefined ? {} : { forMethod: forMethod.toUpperCase() }) }
    }
    if (breakdown.kind !== 'closed' && breakdown.kind !== 'reset') return breakdown
    const asked = Math.max(this.#asked(), this.#answers + 1)
    return { ...breakdown, earlier: { answers: this.#answers, asked, ...reasonToClose(head) } }
  }

  /** Whether the other side closes in time, and how long was waited at most. */
  async closed(bounds: Bounds, withinMs: number | undefined): Promise<{ isClosed: boolean; ms: number }> {
    const { found, ms } = await this.#wait(() => this.#closed, bounds, withinMs)
    return { isClosed: found !== undefined, ms }
  }

  #wait<T>(look: () => T | undefined, bounds: Bounds, withinMs: number | undefined): Promise<{ found: T | undefined; ms: number }> {
    return new Promise((resolve) => {
      const settle = (found: T | undefined): void => {
        this.#watchers.delete(watch)
        bound.stop()
        resolve({ found, ms: bound.ms })
      }
      const watch = (): void => {
        const found = look()
        if (found !== undefined) settle(found)
      }
      const bound = bounds.start(withinMs, () => settle(undefined))
      this.#watchers.add(watch)
      this.#socket.resume()
      watch()
    })
  }

  #onData(bytes: Buffer): void {
    // Who waits for the close waits for all bytes before it, wanted or not.
    if (this.#unread.length <= MAX_ANSWER_BYTES) this.#unread = Buffer.concat([this.#unread, bytes])
    // What nobody waits for stays in the system's buffers, where it holds a flood up at its source.
    if (this.#unread.length > MAX_UNREAD_BYTES && this.#watchers.size === 0) this.#socket.pause()
    this.#changed()
  }

  #onClosed(): void {
    this.#closed ??= 'closed'
    this.#changed()
  }

  #changed(): void {
    for (const watch of [...this.#watchers]) watch()
  }
}

/** What came does not even begin as an answer does. */
function isSurplus({ kind, first }: Breakdown): boolean {
  return kind === 'not-http' || (kind === 'half-head' && first?.[0] !== 0x48)
}

function isChunked({ headers }: MessageHead): boolean {
  return /chunked/i.test(headers['transfer-encoding'] ?? '')
}

function reasonToClose({ text, headers }: MessageHead): Pick<EarlierAnswers, 'reason'> {
  if (text.startsWith('HTTP/1.0')) return { reason: 'HTTP/1.0' }
  return /\bclose\b/i.test(headers['connection'] ?? '') ? { reason: 'Connection: close' } : {}
}
