import type { Socket } from 'node:net'
import { createRandom } from '../random.ts'
import type { RandomValues } from '../types/index.ts'
import type { Conversation, Side } from './conversation.ts'
import { ShakyLine } from './shaky-line.ts'
import type { Line } from './shaky-line.ts'

export interface ShakeOptions {
  /** All that is random comes from here. */
  seed: number
  /** Closes kept connections between two exchanges. For a client that asks again on a fresh one. Default false. */
  closesIdle?: boolean
  /** A request that begins is held up for at most so many milliseconds: those on other connections overtake it. Default 30. */
  maxStartMs?: number
  /** How often event streams are cut at most. For readers that come back with `Last-Event-ID`, which lose nothing. Default 0. */
  streamCuts?: number
}

/** So often in all, so that what a check has to do stays about the same. */
const MAX_CLOSES = 4
const MAX_START_MS = 30
/** One in so many chances is taken. */
const CLOSE_ODDS = 3
const STREAM_CUT_ODDS = 4
/** A kept connection is closed at once, or so much later. */
const MAX_IDLE_MS = 40

/**
 * What a network may do to HTTP, and never does on a quiet machine: bytes come in pieces and late, connections
 * overtake each other, kept ones are closed, streams break. Whoever follows the protocol does not notice.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9 Connection Management
 */
export class Shaking {
  readonly #options: ShakeOptions
  #connections = 0
  #closesLeft: number
  #cutsLeft: number

  constructor(options: ShakeOptions) {
    this.#options = options
    this.#closesLeft = options.closesIdle === true ? MAX_CLOSES : 0
    this.#cutsLeft = options.streamCuts ?? 0
  }

  /** Shakes one connection between the two. */
  connection(client: Socket, program: Socket, conversation: Conversation): ShakenConnection {
    this.#connections += 1
    const random = createRandom(this.#options.seed + Math.imul(this.#connections, 0x9e3779b1))
    const { maxStartMs = MAX_START_MS } = this.#options
    const chances = { mayClose: () => this.#mayClose(random), mayCut: () => this.#mayCut(random) }
    return new ShakenConnection({ client, program, conversation, random, maxStartMs, ...chances })
  }

  #mayClose(random: RandomValues): boolean {
    if (this.#closesLeft === 0 || random.integer(1, CLOSE_ODDS) !== 1) return false
    this.#closesLeft -= 1
    return true
  }

  #mayCut(random: RandomValues): boolean {
    if (this.#cutsLeft === 0 || random.integer(1, STREAM_CUT_ODDS) !== 1) return false
    this.#cutsLeft -= 1
    return true
  }
}

interface Parts {
  client: Socket
  program: Socket
  conversation: Conversation
  random: RandomValues
  maxStartMs: number
  mayClose(): boolean
  mayCut(): boolean
}

/** One connection that has little luck. */
export class ShakenConnection {
  readonly #parts: Parts
  #upward: ShakyLine | undefined
  #isBroken = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The line from one side to the other. */
  line(from: Side, pass: (bytes: Buffer) => void): Line {
    const { client, program, random, conversation, maxStartMs } = this.#parts
    const carry = from === 'server' ? (bytes: Buffer) => this.#answer(bytes, pass) : pass
    const line = new ShakyLine(random, from === 'client' ? client : program, (bytes) => {
      // What is sent on a line that has broken arrives nowhere.
      if (!this.#isBroken) carry(bytes)
    })
    if (from === 'server') return line
    this.#upward = line
    line.holdUp(maxStartMs)
    const nextRequest = (bytes: Buffer): void => {
      if (conversation.isIdle) line.holdUp(maxStartMs)
      line.carry(bytes)
    }
    return { carry: nextRequest, afterwards: (then) => line.afterwards(then) }
  }

  #answer(bytes: Buffer, pass: (bytes: Buffer) => void): void {
    const { conversation, random, mayClose, mayCut } = this.#parts
    if (conversation.isResumable && mayCut()) {
      pass(bytes.subarray(0, random.integer(0, bytes.length - 1)))
      return this.#break('while events were streaming')
    }
    pass(bytes)
    if (!conversation.isIdle || !mayClose()) return
    if (random.integer(1, 2) === 1) this.#closeIdle()
    else setTimeout(() => this.#closeIdle(), random.integer(1, MAX_IDLE_MS)).unref()
  }

  #closeIdle(): void {
    const isIdle = this.#parts.conversation.isIdle && this.#upward?.isEmpty === true
    if (isIdle) this.#break('between two requests')
  }

  #break(when: string): void {
    const { client, program, conversation } = this.#parts
    this.#isBroken = true
    conversation.broken(when)
    client.destroySoon()
    program.destroySoon()
  }
}
