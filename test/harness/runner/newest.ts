/**
 * Runs one piece of work at a time; a newer request cancels the older run, waits until that has
 * really stopped, and starts. Requests in between are dropped: only the newest counts.
 */
export class NewestWins {
  readonly #work: (signal: AbortSignal) => Promise<void>
  #controller: AbortController | undefined
  #again = false
  #closed = false
  #running: Promise<void> = Promise.resolve()

  /** @param work must settle soon after its signal is aborted; rejections are its own to handle */
  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.#work = work
  }

  /** True from a request until its work is done. */
  get busy(): boolean {
    return this.#controller !== undefined
  }

  /** Asks for a run from now on. */
  request(): void {
    if (this.#closed) return
    this.#again = true
    if (this.#controller !== undefined) this.#controller.abort(new Error('A newer save came'))
    else this.#running = this.#loop()
  }

  /** Cancels what runs, without a successor. Resolves once it has stopped. */
  async cancel(): Promise<void> {
    this.#again = false
    this.#controller?.abort(new Error('Cancelled'))
    await this.#running
  }

  /** Cancels for good. */
  async close(): Promise<void> {
    this.#closed = true
    await this.cancel()
  }

  async #loop(): Promise<void> {
    while (this.#again) {
      this.#again = false
      this.#controller = new AbortController()
      await this.#work(this.#controller.signal).catch(() => undefined)
    }
    this.#controller = undefined
  }
}
