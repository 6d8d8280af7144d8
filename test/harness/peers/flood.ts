/** More frames in a second that answer no question are a flood. The pings of a long answer are far fewer. */
export const MAX_UNASKED_A_SECOND = 2_000

/** Counts what nobody has asked for, second by second. */
export class Flood {
  #count = 0
  #endsAt = 0

  /**
   * Counts one more.
   * @param now milliseconds of a clock that only goes forward
   * @returns true when it is one too many
   */
  add(now: number): boolean {
    if (now >= this.#endsAt) [this.#count, this.#endsAt] = [0, now + 1_000]
    this.#count += 1
    return this.#count > MAX_UNASKED_A_SECOND
  }
}
