import { setTimeout as sleep } from 'node:timers/promises'
import type { Bounds, Exit, StopReport } from '../types/index.ts'
import type { Attempt } from './attempt.ts'
import { forgetGroup } from './group.ts'
import { isFree, returnPort } from './ports.ts'
import type { GroupProcess } from './process.ts'
import { noteFamily, processesOf, processorWaitMs, startedTicks } from './system.ts'

/** Children get the same signal at the same moment; this is how long they may take to follow. */
const CHILDREN_MS = 150
const KILL_MS = 1_000
const PORT_MS = 200
/** How often it is looked at whether a program that is to end has got a processor. */
const SLICE_MS = 50

/** Ends a program and everything it started, and makes sure of it. */
export async function endAttempt(attempt: Attempt, bounds: Bounds): Promise<StopReport> {
  const { process: started, port } = attempt
  const isRunning = started.exit() === undefined
  const since = startedTicks(started.pid)
  noteFamily(started.pid, attempt.family)
  const { hasEnded, ms } = isRunning ? await endPolitely(started, bounds.stopMs) : { hasEnded: true, ms: 0 }
  const killed = !hasEnded
  if (killed) await endByForce(started)
  const exit: Exit = started.exit() ?? { code: null, signal: 'SIGKILL' }
  const leftovers = await endLeftovers(attempt, since)
  await waitForPort(port)
  returnPort(port)
  return { exit, ms, killed, leftovers }
}

/** SIGKILL at once, for what has no answer to give: a spare, a process that lost its port. */
export async function endNow(started: GroupProcess): Promise<void> {
  await endByForce(started)
  forgetGroup(started.pid)
}

async function endByForce(started: GroupProcess): Promise<void> {
  started.signal('SIGKILL')
  await endsWithin(started, KILL_MS)
}

/**
 * Asks a process to end and waits for it, at most `stopMs` of its own time, and at most twice that on the clock. Time
 * in which it, or the judge itself, waited for a processor is not its own: a busy machine makes no program wrong.
 * @returns whether it has ended, and its own time until then in milliseconds
 */
async function endPolitely(started: GroupProcess, stopMs: number): Promise<{ hasEnded: boolean; ms: number }> {
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
    const waitedUntilNowMs = processorWaitMs(started.pid)
    const waitedInSliceMs = Math.max(0, waitedUntilNowMs - (waitedMs ?? waitedUntilNowMs))
    ms += Math.max(0, sliceMs - waitedInSliceMs)
    waitedMs = waitedUntilNowMs
  }
  return { hasEnded: false, ms: Math.round(ms) }
}

async function endLeftovers({ process: started, family }: Attempt, since: number): Promise<number> {
  if (started.pid === 0) return 0
  const look = (): Promise<number[]> => processesOf(started.pid, started.mark, since, family)
  const left = await remaining(look, CHILDREN_MS)
  if (left.length > 0) {
    // Again and again: some start another one while they are being ended.
    await remaining(async () => {
      const still = await look()
      if (still.length > 0) started.signal('SIGKILL')
      for (const pid of still) killQuietly(pid)
      return still
    }, KILL_MS)
  }
  forgetGroup(started.pid)
  return left.length
}

/** What is still there when the time has passed; empty as soon as nothing is. */
async function remaining(look: () => Promise<number[]>, withinMs: number): Promise<number[]> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const left = await look()
    if (left.length === 0 || performance.now() > deadline) return left
    await sleep(20)
  }
}

async function waitForPort(port: number): Promise<void> {
  const deadline = performance.now() + PORT_MS
  while (!(await isFree(port)) && performance.now() < deadline) await sleep(20)
}

async function endsWithin(started: GroupProcess, ms: number): Promise<boolean> {
  const cancel = new AbortController()
  const late = sleep(ms, false, { signal: cancel.signal }).catch(() => false)
  const ended = await Promise.race([started.ended.then(() => true), late])
  cancel.abort()
  return ended
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended in the meantime.
  }
}
