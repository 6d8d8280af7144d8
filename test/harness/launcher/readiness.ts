import { setTimeout as sleep } from 'node:timers/promises'
import type { Attempt } from './attempt.ts'
import { listensOn } from './evidence.ts'
import { accepts, isFree } from './ports.ts'
import { portHolder, processesOf, processorWaitMs } from './system.ts'

/**
 * `ready`: the port answers. `ended`: the process has. `misplaced`: it listens elsewhere and nothing in it can
 * change that. `lost-port`: somebody else took the port first. `too-late`: the bound has passed.
 */
export type Readiness = 'ready' | 'ended' | 'misplaced' | 'lost-port' | 'too-late'

const POLL_MS = 25
/** An answer without a report: the report may be on its way. */
const UNREPORTED_MS = 75
/** After the bound, how long the port may take that is known to be open. */
const LAST_LOOK_MS = 500
/** From an error that nothing caught to the end of the process. */
const CRASH_MS = 200

/**
 * Waits for the port of a program to answer, at most `readyMs` of the program's own time. A program that starts
 * slowly is right, and so is one that a busy machine makes slow.
 */
export async function waitUntilReady(attempt: Attempt, readyMs: number): Promise<Readiness> {
  const leftMs = startAllowance(attempt, readyMs)
  let answersSince: number | undefined
  while (leftMs() > 0) {
    const changed = attempt.evidence.changed()
    const verdict = await ruledOut(attempt)
    if (verdict !== undefined) return verdict
    if (await accepts(attempt.port, Math.max(POLL_MS, Math.min(1_000, leftMs())))) {
      answersSince ??= performance.now()
      const isUnreported = attempt.reports && !isOnPort(attempt)
      const isSettled = !isUnreported || (performance.now() - answersSince > UNREPORTED_MS && (await isFamily(attempt)))
      if (isSettled && !(await isCrashing(attempt))) return 'ready'
    }
    await Promise.race([changed, sleep(POLL_MS)])
  }
  // This process may itself have had to wait for a processor all the while.
  return isOnPort(attempt) && (await accepts(attempt.port, LAST_LOOK_MS)) ? 'ready' : 'too-late'
}

/**
 * What is left of `readyMs`, of which the time that the program waited for a processor is not taken. However busy
 * the machine is, the end comes by twice `readyMs`, and for a loop at once.
 */
function startAllowance({ process, evidence }: Attempt, readyMs: number): () => number {
  const beganAt = performance.now()
  const waitedBefore = processorWaitMs(process.pid)
  return () => {
    const leftMs = beganAt + readyMs - performance.now()
    if (leftMs > 0 || evidence.read().blocked !== undefined) return leftMs
    return leftMs + Math.min(readyMs, processorWaitMs(process.pid) - waitedBefore)
  }
}

/** It is a child of the program that answers, and not a stranger who took the port; true where nobody can tell. */
async function isFamily({ port, process }: Attempt): Promise<boolean> {
  const holder = await portHolder(port)
  return holder === undefined || (await processesOf(process.pid, process.mark)).includes(holder.pid)
}

/** It has thrown, and nothing shows yet whether something in it goes on in spite of that. */
async function isCrashing({ process, evidence }: Attempt): Promise<boolean> {
  if (evidence.read().uncaught === undefined) return false
  await Promise.race([process.ended, sleep(CRASH_MS)])
  return process.exit() !== undefined
}

async function ruledOut(attempt: Attempt): Promise<Readiness | undefined> {
  if (attempt.process.exit() !== undefined) {
    await attempt.process.drained
    return (await hasLostPort(attempt)) ? 'lost-port' : 'ended'
  }
  const evidence = attempt.evidence.read()
  if (attempt.reports && (await hasLostPort(attempt))) return 'lost-port'
  return evidence.isIdle && !isOnPort(attempt) ? 'misplaced' : undefined
}

/** A program that listens twice on its own port has not lost it. */
async function hasLostPort(attempt: Attempt): Promise<boolean> {
  const { listenErrors, exit, spawnError } = attempt.evidence.read()
  if (attempt.reports) {
    const wasRefused = listenErrors.some((error) => error.code === 'EADDRINUSE' && error.port === attempt.port)
    return wasRefused && !isOnPort(attempt)
  }
  return exit?.code !== 0 && spawnError === undefined && !(await isFree(attempt.port))
}

function isOnPort(attempt: Attempt): boolean {
  return listensOn(attempt.evidence.read(), attempt.port)
}
