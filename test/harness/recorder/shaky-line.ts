import type { Socket } from 'node:net'
import type { RandomValues } from '../types/index.ts'
import { cut } from './cut.ts'

/** One direction of a connection. */
export interface Line {
  carry(bytes: Buffer): void
  /** Calls back once all that was carried before has been passed on. */
  afterwards(then: () => void): void
}

/** A line that passes everything at once. */
export function straightLine(pass: (bytes: Buffer) => void): Line {
  return {
    carry: pass,
    afterwards: (then) => {
      then()
    },
  }
}

/** Between two pieces, and before some of the first ones. */
const MAX_GAP_MS = 6
/** How long a line may hold up what it carries, at first, and for each millisecond that passes. */
const PATIENCE_MS = 60
const PATIENCE_PER_MS = 0.1
/** So many bytes may wait before their sender is told to wait. */
const MAX_WAITING_BYTES = 256 * 1024

/**
 * A line on which bytes come in pieces, now and then late, and always in order. How late in all is bounded: a
 * check that is patient with a busy machine must not fail of this.
 */
export class ShakyLine implements Line {
  readonly #random: RandomValues
  readonly #from: Socket
  readonly #pass: (bytes: Buffer) => void
  readonly #waiting: (Buffer | (() => void))[] = []
  #waitingBytes = 0
  #patienceMs = PATIENCE_MS
  #at = performance.now()
  #isHeld = false
  #hasPaused = false

  /** @param from whose bytes are carried; it is paused when too many wait */
  constructor(random: RandomValues, from: Socket, pass: (bytes: Buffer) => void) {
    this.#random = random
    this.#from = from
    this.#pass = pass
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Holds up what comes next, for some of this time: what is on other lines overtakes it. */
  holdUp(maxMs: number): void {
    if (this.#isHeld || this.#patience(1) === 0) return
    const ms = this.#random.integer(0, maxMs)
    this.#patienceMs -= Math.min(ms, PATIENCE_MS / 3)
    this.#hold(ms)
  }

  carry(bytes: Buffer): void {
    const pieces = this.#patience(1) === 0 ? [bytes] : cut(bytes, this.#random)
    this.#waiting.push(...pieces)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#hasPaused = true
      this.#from.pause()
    }
    if (!this.#isHeld) this.#goOn(this.#random.integer(1, 3) === 1)
  }

  afterwards(then: () => void): void {
    this.#waiting.push(then)
    if (!this.#isHeld) this.#goOn(false)
  }

  /** Passes on what waits, with a gap after each piece. */
  #goOn(isLate: boolean): void {
    if (isLate && this.#hold(this.#patience(MAX_GAP_MS))) return
    while (this.#waiting.length > 0) {
      const next = this.#waiting.shift()
      if (typeof next === 'function') next()
      else if (next !== undefined) {
        this.#waitingBytes -= next.length
        this.#pass(next)
        if (this.#waiting.length > 0 && this.#hold(this.#patience(MAX_GAP_MS))) return
      }
    }
    if (this.#hasPaused) this.#from.resume()
    this.#hasPaused = false
  }

  /** True when nothing is passed on for so long. */
  #hold(ms: number): boolean {
    if (ms === 0) return false
    this.#isHeld = true
    setTimeout(() => {
      this.#isHeld = false
      this.#goOn(false)
    }, ms).unref()
    return true
  }

  /** Some of what is left of the line's patience, in whole milliseconds. */
  #patience(maxMs: number): number {
    const now = performance.now()
    this.#patienceMs = Math.min(PATIENCE_MS, this.#patienceMs + (now - this.#at) * PATIENCE_PER_MS)
    this.#at = now
    if (this.#patienceMs < 1) return 0
    const ms = Math.min(this.#random.integer(1, maxMs), Math.floor(this.#patienceMs))
    this.#patienceMs -= ms
    return ms
  }
}
