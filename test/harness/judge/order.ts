import type { CheckDefinition, Problem } from '../types/index.ts'
import { notReached } from './judge.ts'
import type { Run } from './judge.ts'
import { runCheck } from './run-check.ts'
import type { RanCheck } from './run-check.ts'
import type { Session } from './session.ts'

/** A mute program would cost each check its bound: after so many that ran out of time the rest is not tried. */
const MAX_TIMEOUTS = 3

/** The bound of a whole run. */
export const RUN_MS = 60_000

/** Checks one after the other on one program, which is started afresh after a crash or a time-out. */
export async function runInTurn(run: Run, session: Session, checks: readonly CheckDefinition[]): Promise<void> {
  const endsAt = performance.now() + RUN_MS
  let timeouts = 0
  let needsFresh = false
  for (const check of checks) {
    if (run.signal.aborted) return
    const reason = reasonToStop(timeouts, endsAt)
    const problem = reason === undefined && needsFresh ? await session.reopen() : null
    if (reason !== undefined || problem !== null) {
      run.report(notReached(check, problem, reason))
      continue
    }
    const ran = await runOne(run, session, check)
    if (run.signal.aborted) return
    run.report(ran.result)
    if (ran.timedOut) timeouts += 1
    needsFresh = await isSpoilt(ran, session)
  }
}

/** Runs one check of a run. */
export function runOne(run: Run, session: Session, check: CheckDefinition): Promise<RanCheck> {
  return runCheck({ check, session, peers: run.peers, seed: run.seed, signal: run.signal })
}

/** Why the checks that are left are not tried, when there is a reason. */
export function reasonToStop(timeouts: number, endsAt: number): string | undefined {
  if (timeouts >= MAX_TIMEOUTS) return `${String(MAX_TIMEOUTS)} checks before it ran out of time.`
  if (performance.now() >= endsAt) return `the whole run took more than ${String(RUN_MS / 1_000)} s.`
  return undefined
}

/** True when what the check left behind cannot be trusted with the next one. */
async function isSpoilt({ result, timedOut }: RanCheck, session: Session): Promise<boolean> {
  if (session.isRemote || result.state !== 'failed') return false
  if (timedOut || result.problem !== undefined) return true
  const problem: Problem | null = await session.program.diagnose()
  return problem !== null
}
