/**
 * A promise whose failure may go unheard: a check that has failed elsewhere no longer waits for it, and
 * an unheard rejection would end the judge's process.
 */
export function observed<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
