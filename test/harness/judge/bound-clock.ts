/**
 * The time that a check has. It stands still while a copy of the program starts: that has a bound of its own, and a
 * program may take 10 s to listen.
 */
export class BoundClock {
  readonly #onPassed: () => void
  #leftMs: number
  /** `performance.now()` since when it runs; undefined while it stands still. */
  #runsSince: number | undefined
  #timer: NodeJS.Timeout | undefined
  /** How many copies are starting. */
  #starting = 0

  /** Runs from now on. @param onPassed called when the time has passed */
  constructor(boundMs: number, onPassed: () => void) {
    this.#leftMs = boundMs
    this.#onPassed = onPassed
    this.#run()
  }

  /** What is left, in milliseconds; negative when the time has passed. */
  get leftMs(): number {
    return this.#runsSince === undefined ? this.#leftMs : this.#leftMs - (performance.now() - this.#runsSince)
  }

  /** Stands still until what starts is there, or is not going to be. */
  async during<T>(start: Promise<T>): Promise<T> {
    this.#starting += 1
    this.#halt()
    try {
      return await start
    } finally {
      this.#starting -= 1
      if (this.#starting === 0) this.#run()
    }
  }

  /** For good: nobody is called any more. */
  stop(): void {
    this.#halt()
    // No start that ends later sets it going again.
    this.#starting = Infinity
  }

  #run(): void {
    this.#runsSince = performance.now()
    this.#timer = setTimeout(this.#onPassed, Math.max(0, this.#leftMs))
  }

  #halt(): void {
    this.#leftMs = this.leftMs
    this.#runsSince = undefined
    clearTimeout(this.#timer)
  }
}
