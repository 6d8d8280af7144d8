/** Limits how long the parts of a client wait. */
export interface Bounds {
  /**
   * Starts to wait: calls `onOver` after `withinMs` or what is left of the check, whichever is less, or
   * when the check is aborted.
   */
  start(withinMs: number | undefined, onOver: () => void): Bound
  /** Ends every wait at once, as if its time had passed. */
  overAll(): void
}

export interface Bound {
  /** How long was granted. */
  readonly ms: number
  /** True when that is little, and all that earlier waits have left of the check. */
  readonly isRest: boolean
  stop(): void
}

/** No check has so little time from the beginning. */
const LITTLE_MS = 2_000

/** @param deadlineMs what is left of the check, in milliseconds */
export function createBounds(deadlineMs: () => number, signal: AbortSignal | undefined): Bounds {
  const running = new Set<() => void>()
  const overAll = (): void => {
    for (const over of [...running]) over()
  }
  // One listener for all waits: Node warns of a leak when a signal has many.
  signal?.addEventListener('abort', overAll, { once: true })
  return { start, overAll }

  function start(withinMs: number | undefined, onOver: () => void): Bound {
    const leftMs = deadlineMs()
    const ms = Math.max(1, Math.round(Math.min(withinMs ?? Infinity, leftMs)))
    const isRest = leftMs < LITTLE_MS && leftMs < (withinMs ?? Infinity)
    const over = (): void => {
      stop()
      onOver()
    }
    const timer = setTimeout(over, signal?.aborted ? 0 : ms)
    const stop = (): void => {
      clearTimeout(timer)
      running.delete(over)
    }
    running.add(over)
    return { ms, isRest, stop }
  }
}

/** `2 s`, `0.3 s`, `50 ms`. */
export function duration(ms: number): string {
  return ms < 100 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`
}
