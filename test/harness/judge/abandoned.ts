import { CheckFailure, CheckSkipped, PeerBroken } from '../failure.ts'

let isInstalled = false

/**
 * A check that fails leaves behind what it had begun and not yet awaited; when that fails too, nobody is
 * there to hear it, and Node would end the process: the page's runner, a class's grader. Such failures are
 * let go from now on; any other unhandled rejection stays fatal.
 */
export function tolerateAbandoned(): void {
  if (isInstalled) return
  isInstalled = true
  process.on('unhandledRejection', (reason) => {
    if (!isAbandoned(reason)) throw reason
  })
}

/** True for what a check's own actions reject with. */
export function isAbandoned(reason: unknown): boolean {
  if (reason instanceof CheckFailure || reason instanceof CheckSkipped || reason instanceof PeerBroken) return true
  return reason instanceof Error && reason.name === 'AbortError'
}
