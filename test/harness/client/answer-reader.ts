import type { Socket } from 'node:net'
import type { Bounds } from './bound.ts'
import { ExchangeError, MAX_ANSWER_BYTES } from './exchange.ts'
import { OneAnswer } from './one-answer.ts'
import type { Closed, Outcome } from './one-answer.ts'
import type { RawAnswer } from './reply.ts'

/**
 * Reads answers off a connection, each when it is asked for: only then is it known which request it answers.
 * Takes over the reading side of the socket.
 */
export class AnswerReader {
  readonly #socket: Socket
  readonly #watchers = new Set<() => void>()
  #unread: Buffer = Buffer.alloc(0)
  #closed: Closed
  /** Somebody waits for the close, which comes after all bytes, wanted or not. */
  #isDraining = false

  constructor(socket: Socket) {
    this.#socket = socket
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
    if (found === undefined) throw new ExchangeError(coming.overdue(ms))
    if ('breakdown' in found) throw new ExchangeError(found.breakdown)
    return found.answer
  }

  /** Whether the other side closes in time, and how long was waited at most. */
  async closed(bounds: Bounds, withinMs: number | undefined): Promise<{ isClosed: boolean; ms: number }> {
    this.#isDraining = true
    this.#socket.resume()
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
      watch()
    })
  }

  #onData(bytes: Buffer): void {
    if (this.#unread.length <= MAX_ANSWER_BYTES) this.#unread = Buffer.concat([this.#unread, bytes])
    else if (!this.#isDraining) this.#socket.pause()
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
