import type { CheckDefinition, Problem } from '../types/index.ts'
import { failedUntried, notReached } from './judge.ts'
import type { Run } from './judge.ts'
import { runCheck } from './run-check.ts'
import type { RanCheck } from './run-check.ts'
import type { Session } from './session.ts'

/** A mute program would cost each check its bound: after so many that ran out of time the rest is not tried. */
const MAX_TIMEOUTS = 3

/** Checks one after the other on one program, which is started afresh after a crash or a time-out. */
export async function runInTurn(run: Run, session: Session, checks: readonly CheckDefinition[]): Promise<void> {
  const endsAt = performance.now() + run.runMs
  let timeouts = 0
  let needsFresh = false
  for (const check of checks) {
    if (run.signal.aborted) return
    if (leaveOut(run, check, { timeouts, endsAt })) continue
    const problem = needsFresh ? await session.reopen() : null
    if (problem !== null) {
      run.report(failedUntried(check, problem))
      continue
    }
    const ran = await runOne(run, session, check)
    if (run.signal.aborted) return
    run.report(ran.result)
    if (ran.timedOut) timeouts += 1
    needsFresh = await isSpoilt(ran, session)
  }
}

/**
 * Runs one check of a run. Where its own peers crashed, which WebRTC's native code sometimes does, it runs once more with other
 * names; what makes them crash again may well be the program.
 */
export async function runOne(run: Run, session: Session, check: CheckDefinition): Promise<RanCheck> {
  const again = { check, session, peers: run.peers, seed: run.seed, signal: run.signal }
  const first = await runCheck(again)
  if (!first.lostPeers || run.signal.aborted) return first
  const second = await runCheck({ ...again, seed: run.seed + 1 })
  return second.lostPeers ? { ...second, result: { ...second.result, message: PEERS_CRASHED } } : second
}

const PEERS_CRASHED =
  'The process that plays the other peers crashed, and crashed again when it was tried anew. Look in the trace for what your program sent it last.'

/** What is left of a run's time and patience. */
export interface Budget {
  /** `performance.now()` at which the run has taken all it may. */
  endsAt: number
  /** How many checks have run out of time. */
  timeouts: number
}

/** Whether so few checks have run out of time that one more may. */
export function hasPatience({ timeouts }: Pick<Budget, 'timeouts'>): boolean {
  return timeouts < MAX_TIMEOUTS
}

/** Reports a check that is not tried, when there is no time or no patience left for it; true when it did. */
export function leaveOut(run: Run, check: CheckDefinition, budget: Budget): boolean {
  if (performance.now() >= budget.endsAt) run.report(failedUntried(check, runTooLong(run.runMs)))
  else if (!hasPatience(budget)) run.report(notReached(check, null, `${String(MAX_TIMEOUTS)} checks before it ran out of time.`))
  else return false
  return true
}

function runTooLong(runMs: number): Problem {
  return {
    code: 'run-too-long',
    title: `The whole run took more than ${String(runMs / 1_000)} s, which is all that it may take.`,
    hint: 'Look at the checks that took longest: what does your program wait for? On a very busy machine, try again later.',
  }
}

/** True when what the check left behind cannot be trusted with the next one. */
async function isSpoilt({ result, timedOut }: RanCheck, session: Session): Promise<boolean> {
  if (session.isRemote || result.state !== 'failed') return false
  if (timedOut || result.problem !== undefined) return true
  const problem: Problem | null = await session.program.diagnose()
  return problem !== null
}
