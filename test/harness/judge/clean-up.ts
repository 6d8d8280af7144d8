/** What must be undone when a check ends, however it ends. */
export class CleanUp {
  readonly #tasks: (() => void | Promise<void>)[] = []

  add(task: () => void | Promise<void>): void {
    this.#tasks.push(task)
  }

  /** Runs all tasks, last in, first out; one that throws does not keep the others from running. */
  async run(): Promise<void> {
    for (const task of this.#tasks.splice(0).reverse()) {
      try {
        await task()
      } catch {
        // A broken program may have closed already what a task wants to close.
      }
    }
  }
}
