import type { Step } from './types/index.ts'

/** The steps of one check, in the order they happened. A failing check is told as "failed after these steps". */
export class Story {
  readonly #steps: Step[] = []

  /** Adds a step that went well so far. */
  step(text: string): void {
    this.#steps.push({ text, ok: true })
  }

  /** Adds the step at which the check failed. */
  failedStep(text: string): void {
    this.#steps.push({ text, ok: false })
  }

  /** A place to come back to: a repeated attempt leaves only its last steps. */
  mark(): number {
    return this.#steps.length
  }

  /** Forgets what came after a mark. */
  rewind(mark: number): void {
    this.#steps.length = Math.min(mark, this.#steps.length)
  }

  /** A copy of the steps. */
  steps(): Step[] {
    return this.#steps.map((step) => ({ ...step }))
  }
}
