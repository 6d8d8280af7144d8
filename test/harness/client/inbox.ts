import type { Bounds } from './bound.ts'

/** Past this many, or this much, the newest are dropped: a flood must not fill the memory. */
const MAX_WAITING = 10_000
const MAX_SIZE = 64 * 1024 * 1024

/** Nothing that fits came. */
export interface Missed {
  /** True when nothing can come any more. */
  ended: boolean
  /** How long was waited at most. */
  ms: number
}

/** Somebody who waits for a value, or for the end. */
interface Waiter<T> {
  /** Takes the value when it fits. */
  offer(value: T): boolean
  end(): void
}

/** What arrives unasked and is taken in any order. */
export class Inbox<T> {
  readonly #values: T[] = []
  readonly #sizeOf: (value: T) => number
  #size = 0
  /** In the order in which they came: the first whom a value fits gets it. */
  readonly #waiters = new Set<Waiter<T>>()
  #isEnded = false

  /** @param sizeOf how much memory a value takes, about */
  constructor(sizeOf: (value: T) => number = () => 0) {
    this.#sizeOf = sizeOf
  }

  /** Offers the value to those who wait, and not all values to them again: in a flood that would take for ever. */
  add(value: T): void {
    for (const waiter of [...this.#waiters]) if (waiter.offer(value)) return
    if (this.isFull) return
    this.#values.push(value)
    this.#size += this.#sizeOf(value)
  }

  /** True while what comes is dropped, unless somebody waits for it. */
  get isFull(): boolean {
    return this.#values.length >= MAX_WAITING || this.#size > MAX_SIZE
  }

  /** Nothing more will come. */
  end(): void {
    this.#isEnded = true
    for (const waiter of [...this.#waiters]) waiter.end()
  }

  /** The first value that fits, now or later. */
  take(fits: (value: T) => boolean, bounds: Bounds, withinMs: number | undefined): Promise<{ value: T } | Missed> {
    const index = this.#values.findIndex(fits)
    if (index === -1) return this.#wait(fits, bounds, withinMs)
    const value = this.#values.splice(index, 1)[0] as T
    this.#size -= this.#sizeOf(value)
    return Promise.resolve({ value })
  }

  /** Waits for the end. */
  async ended(bounds: Bounds, withinMs: number | undefined): Promise<Missed> {
    return (await this.#wait(() => false, bounds, withinMs)) as Missed
  }

  waiting(): readonly T[] {
    return [...this.#values]
  }

  #wait(fits: (value: T) => boolean, bounds: Bounds, withinMs: number | undefined): Promise<{ value: T } | Missed> {
    return new Promise((resolve) => {
      const settle = (result: { value: T } | Missed): void => {
        this.#waiters.delete(waiter)
        bound.stop()
        resolve(result)
      }
      const waiter: Waiter<T> = {
        offer(value) {
          if (!fits(value)) return false
          settle({ value })
          return true
        },
        end: () => settle({ ended: true, ms: bound.ms }),
      }
      this.#waiters.add(waiter)
      const bound = bounds.start(withinMs, () => settle({ ended: false, ms: bound.ms }))
      if (this.#isEnded) waiter.end()
    })
  }
}
