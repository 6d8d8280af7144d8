/**
 * Waits for a value that comes of an event.
 *
 * @param changed told whenever it is worth looking again.
 * @param look returns the value, or undefined while there is none.
 * @returns undefined when `withinMs` has passed without it.
 */
export function within<T>(withinMs: number, changed: Set<() => void>, look: () => T | undefined): Promise<T | undefined> {
  return new Promise((resolve) => {
    const found = look()
    if (found !== undefined) return resolve(found)
    const settle = (value: T | undefined): void => {
      clearTimeout(timer)
      changed.delete(again)
      resolve(value)
    }
    const again = (): void => {
      const value = look()
      if (value !== undefined) settle(value)
    }
    const timer = setTimeout(() => settle(undefined), withinMs)
    changed.add(again)
  })
}
