/**
 * A store for the labs: texts as keys, and an access that takes its time, as that of a database does.
 * Chapter 04 explains this file.
 */
import { setTimeout as wait } from 'node:timers/promises'

/** How long it takes to read and to write, in milliseconds. Meanwhile the program does other things. */
const READ_MS = 3
const WRITE_MS = 10

/** Values by their keys. Between a `get` and the `set` that follows it, others get and set: to keep them out is the caller’s affair. */
export interface Store<Value> {
  /** The value that was last set; undefined when none ever was. */
  get(key: string): Promise<Value | undefined>
  /** Resolves once the value is there: a `get` that begins afterwards finds it, or a newer one. */
  set(key: string, value: Value): Promise<void>
  /** All values, in the order in which their keys were first set. */
  list(): Promise<Value[]>
}

// #region store
/** A store with nothing in it. It lives as long as the program. */
export function createStore<Value>(): Store<Value> {
  const values = new Map<string, Value>()
  return {
    async get(key) {
      await wait(READ_MS)
      // A copy, as over a wire: what the caller does to it changes nothing here.
      return structuredClone(values.get(key))
    },
    async set(key, value) {
      const kept = structuredClone(value)
      await wait(WRITE_MS)
      values.set(key, kept)
    },
    async list() {
      await wait(READ_MS)
      return structuredClone([...values.values()])
    },
  }
}
// #endregion store
