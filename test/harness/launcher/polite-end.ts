import { setTimeout as sleep } from 'node:timers/promises'
import type { GroupProcess } from './process.ts'
import { processorWaitMs } from './system.ts'

/** How often it is looked at whether a program that is to end has got a processor. */
export const SLICE_MS = 50

/**
 * Asks a process to end and waits for it, at most `stopMs` of its own time, and at most twice that on the clock. Time
 * in which it, or the judge itself, waited for a processor is not its own: a busy machine makes no program wrong.
 * @param waitMs how long a process has waited for a processor so far, in milliseconds
 * @returns whether it has ended, and its own time until then in milliseconds
 */
export async function endPolitely(
  started: Pick<GroupProcess, 'pid' | 'signal' | 'ended'>, stopMs: number, waitMs: (pid: number) => number = processorWaitMs,
): Promise<{ hasEnded: boolean; ms: number }> {
  started.signal('SIGTERM')
  // A process that a check has stopped hears nothing until it goes on.
  started.signal('SIGCONT')
  const latest = performance.now() + 2 * stopMs
  let ms = 0
  let waitedMs: number | undefined
  while (ms < stopMs && performance.now() < latest) {
    const sliceBeganAt = performance.now()
    const hasEnded = await endsWithin(started, SLICE_MS)
    const sliceMs = Math.min(SLICE_MS, performance.now() - sliceBeganAt)
    if (hasEnded) return { hasEnded, ms: Math.round(ms + sliceMs) }
    // Most end within the first slice, and then nothing has to be read of them.
    const waitedUntilNowMs = waitMs(started.pid)
    const waitedInSliceMs = Math.max(0, waitedUntilNowMs - (waitedMs ?? waitedUntilNowMs))
    ms += Math.max(0, sliceMs - waitedInSliceMs)
    waitedMs = waitedUntilNowMs
  }
  return { hasEnded: false, ms: Math.round(ms) }
}

/** Whether a process ends by then. */
export async function endsWithin(started: Pick<GroupProcess, 'ended'>, ms: number): Promise<boolean> {
  const cancel = new AbortController()
  const late = sleep(ms, false, { signal: cancel.signal }).catch(() => false)
  const ended = await Promise.race([started.ended.then(() => true), late])
  cancel.abort()
  return ended
}
