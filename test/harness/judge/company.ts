import { setTimeout as delay } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { CheckDefinition, CheckResult } from '../types/index.ts'
import { failedUntried } from './judge.ts'
import type { Run } from './judge.ts'
import { hasPatience, leaveOut, runInTurn, runOne } from './order.ts'
import type { Budget } from './order.ts'
import type { RanCheck } from './run-check.ts'
import type { Session } from './session.ts'

/** So few checks are run again one by one, each failure its own; so many programs stand side by side. */
const FEW = 4

/** Long enough for a check that waits to have linked its peers on a quiet machine. */
const HEAD_START_MS = 250

/** What a round of checks that ran at once came to. */
interface Round {
  failed: { check: CheckDefinition; result: CheckResult }[]
  /** True when a program that its checks share did not live through it: then nobody knows whose fault which failure is. */
  crashed: boolean
}

/**
 * All checks at once on one program, for labs that mostly wait. What fails in company is tried again on
 * fresh programs, after a crash each check on one of its own, until each failure is its own check's: a crash
 * is blamed on the check that caused it, and a machine that was too busy on nobody.
 */
export async function runAtOnce(run: Run, session: Session): Promise<void> {
  // One check alone is in no company.
  if (run.lab.checks.length === 1) return runInTurn(run, session, run.lab.checks)
  const budget = { endsAt: performance.now() + run.runMs, timeouts: 0 }
  const round = await runRound(run, session, run.lab.checks)
  if (round.failed.length > 0) run.tellAgain(inOrder(run, round.failed).map(({ id }) => id))
  await settle(run, round, budget)
}

/** Finds out which of the failures are real. */
async function settle(run: Run, { failed, crashed }: Round, budget: Budget): Promise<void> {
  if (run.signal.aborted || failed.length === 0) return
  const checks = inOrder(run, failed)
  if (checks.length <= FEW) await runEachAlone(run, checks, budget)
  else if (crashed) await runEachApart(run, checks, budget)
  else await tryAgain(run, checks, budget)
}

/** One more round on a fresh program. Many checks that fail twice, while the program lives, have failed. */
async function tryAgain(run: Run, checks: readonly CheckDefinition[], budget: Budget): Promise<void> {
  const left = checks.filter((check) => !leaveOut(run, check, budget))
  if (left.length === 0) return
  const round = await onFreshProgram(run, left, (session) => runRound(run, session, left))
  if (round === undefined) return
  if (!round.crashed && round.failed.length === left.length && left.length > FEW) {
    for (const { result } of round.failed) run.report(result)
  } else await settle(run, round, budget)
}

/** Reports what passed and what was skipped; gathers what failed. */
async function runRound(run: Run, session: Session, checks: readonly CheckDefinition[]): Promise<Round> {
  const failed: Round['failed'] = []
  const hasHeadStart = checks.some((check) => check.waits) && !checks.every((check) => check.waits)
  const { concurrent } = run.lab
  const limit = pLimit(typeof concurrent === 'number' ? concurrent : checks.length)
  await Promise.all(checks.map((check) => limit(async () => {
    if (hasHeadStart && check.waits !== true) await delay(HEAD_START_MS)
    const { result } = await runOne(run, session, check)
    if (result.state === 'failed') failed.push({ check, result })
    else run.report(result)
  })))
  return { failed, crashed: failed.length > 0 && !(await session.isWhole()) }
}

/**
 * Each check on a program of its own, a few side by side; the few that fail again are tried alone. A time-out side by side is
 * no last word: what was not tried for want of patience comes after those that ran out of time, once they have been tried alone.
 */
async function runEachApart(run: Run, checks: readonly CheckDefinition[], budget: Budget): Promise<void> {
  const failed: Round['failed'] = []
  const untried: CheckDefinition[] = []
  const limit = pLimit(FEW)
  await Promise.all(checks.map((check) => limit(async () => {
    if (!hasPatience(budget)) return void untried.push(check)
    const ran = await runApart(run, check, budget)
    if (ran?.result.state === 'failed') failed.push({ check, result: ran.result })
    else if (ran !== undefined) run.report(ran.result)
  })))
  if (failed.length <= FEW) await runEachAlone(run, [...inOrder(run, failed), ...untried], { ...budget, timeouts: 0 })
  else {
    for (const { result } of failed) run.report(result)
    await runEachAlone(run, untried, budget)
  }
}

async function runEachAlone(run: Run, checks: readonly CheckDefinition[], budget: Budget): Promise<void> {
  for (const check of checks) {
    const ran = await runApart(run, check, budget)
    if (ran !== undefined) run.report(ran.result)
  }
}

/** One check on a program of its own; undefined when it could not run, which is then reported. */
async function runApart(run: Run, check: CheckDefinition, budget: Budget): Promise<RanCheck | undefined> {
  if (run.signal.aborted) return undefined
  if (leaveOut(run, check, budget)) return undefined
  const ran = await onFreshProgram(run, [check], (session) => runOne(run, session, check))
  if (ran?.timedOut === true) budget.timeouts += 1
  return ran
}

/** Resolves with undefined when the program did not start this time: what failed in company has then failed for that. */
async function onFreshProgram<T>(
  run: Run,
  checks: readonly CheckDefinition[],
  work: (session: Session) => Promise<T>,
): Promise<T | undefined> {
  const session = run.newSession()
  try {
    const problem = await session.open()
    if (problem === null) return await work(session)
    for (const check of checks) run.report(failedUntried(check, problem))
    return undefined
  } finally {
    await session.close()
  }
}

function inOrder(run: Run, failed: Round['failed']): CheckDefinition[] {
  const ids = new Set(failed.map(({ check }) => check.id))
  return run.lab.checks.filter((check) => ids.has(check.id))
}
