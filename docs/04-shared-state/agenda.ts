/** Does what is to be done, in order of its time; what has one time, in the order in which it was put down. */
export class Agenda {
  readonly #entries: { at: number; work: () => void }[] = []
  #now = 0

  /** The time of what is being done. */
  get now(): number {
    return this.#now
  }

  /** Puts work down for so many milliseconds from now. */
  after(ms: number, work: () => void): void {
    const at = this.#now + ms
    const place = this.#entries.findIndex((entry) => entry.at > at)
    this.#entries.splice(place === -1 ? this.#entries.length : place, 0, { at, work })
  }

  /** Works until nothing is left. */
  run(): void {
    for (let entry = this.#entries.shift(); entry !== undefined; entry = this.#entries.shift()) {
      this.#now = entry.at
      entry.work()
    }
  }
}
