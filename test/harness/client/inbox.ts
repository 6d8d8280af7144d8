import type { Bounds } from './bound.ts'

/** Past this many the newest are dropped: a flood must not fill the memory. */
const MAX_WAITING = 100_000

/** Nothing that fits came. */
export interface Missed {
  /** True when nothing can come any more. */
  ended: boolean
  /** How long was waited at most. */
  ms: number
}

/** What arrives unasked and is taken in any order. */
export class Inbox<T> {
  readonly #values: T[] = []
  /** Those who wait look at each change, the first to have come first. */
  readonly #watchers = new Set<() => void>()
  #isEnded = false

  add(value: T): void {
    if (this.#values.length < MAX_WAITING) this.#values.push(value)
    this.#changed()
  }

  /** Nothing more will come. */
  end(): void {
    this.#isEnded = true
    this.#changed()
  }

  /** The first value that fits, now or later. */
  take(fits: (value: T) => boolean, bounds: Bounds, withinMs: number | undefined): Promise<{ value: T } | Missed> {
    return this.#wait(() => {
      const index = this.#values.findIndex(fits)
      return index === -1 ? undefined : { value: this.#values.splice(index, 1)[0] as T }
    }, bounds, withinMs)
  }

  /** Waits for the end. */
  ended(bounds: Bounds, withinMs: number | undefined): Promise<Missed> {
    return this.#wait<Missed>(() => undefined, bounds, withinMs)
  }

  waiting(): readonly T[] {
    return [...this.#values]
  }

  #wait<R>(look: () => R | undefined, bounds: Bounds, withinMs: number | undefined): Promise<R | Missed> {
    return new Promise((resolve) => {
      const settle = (result: R | Missed): void => {
        this.#watchers.delete(watch)
        bound.stop()
        resolve(result)
      }
      const watch = (): void => {
        const found = look()
        if (found !== undefined) settle(found)
        else if (this.#isEnded) settle({ ended: true, ms: bound.ms })
      }
      const bound = bounds.start(withinMs, () => settle({ ended: false, ms: bound.ms }))
      this.#watchers.add(watch)
      watch()
    })
  }

  #changed(): void {
    for (const watch of [...this.#watchers]) watch()
  }
}
