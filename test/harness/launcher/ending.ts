import { setTimeout as sleep } from 'node:timers/promises'
import type { Bounds, Exit, StopReport } from '../types/index.ts'
import type { Attempt } from './attempt.ts'
import { forgetGroup } from './group.ts'
import { endPolitely, endsWithin } from './polite-end.ts'
import { isFree, returnPort } from './ports.ts'
import type { GroupProcess } from './process.ts'
import { noteFamily, processesOf, startedTicks } from './system.ts'

/** Children get the same signal at the same moment; this is how long they may take to follow. */
const CHILDREN_MS = 150
const KILL_MS = 1_000
const PORT_MS = 200

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

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended in the meantime.
  }
}
