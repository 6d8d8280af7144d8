import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { ProgramFailure, StreamFailure } from '../client/program-failure.ts'
import { CheckFailure, CheckSkipped } from '../failure.ts'
import { Story } from '../story.ts'
import { Trace } from '../trace.ts'
import type { CheckDefinition, CheckResult, Measure, PeerKit } from '../types/index.ts'
import { BoundClock } from './bound-clock.ts'
import { CleanUp } from './clean-up.ts'
import { buildContext } from './context.ts'
import type { Session } from './session.ts'

/** A check's bound unless it says otherwise. */
const DEFAULT_BOUND_MS = 5_000

/** What a shaken line holds up is no fault of the program: a check has so many times its bound then. */
const SHAKEN_FACTOR = 2

/** After its bound, how long a check has to say what it waited for. */
const LAST_WORDS_MS = 800

/** After the program's own end, how long a check has to notice it: an answer may still be on its way. */
const NOTICE_MS = 400

/** What running one check needs. */
export interface CheckRun {
  check: CheckDefinition
  session: Session
  peers: PeerKit
  seed: number
  /** Aborts the check from outside: a newer save came. */
  signal: AbortSignal
}

/** A result, and what the judge has to know beyond it. */
export interface RanCheck {
  result: CheckResult
  /** True when the bound passed: whatever the program was doing, it may still be doing it. */
  timedOut: boolean
  /** True when it failed while a process of its own peers crashed: that says nothing of the program. */
  lostPeers: boolean
}

/** How a check's function ended. */
type Ending = { kind: 'passed' } | { kind: 'timed-out' } | { kind: 'crashed' } | { kind: 'threw'; error: unknown }

/**
 * Runs one check against a session's program.
 */
export async function runCheck({ check, session, peers, seed, signal }: CheckRun): Promise<RanCheck> {
  if (check.playsPeers === true) await peers.ready()
  const beganAt = performance.now()
  const crashesBefore = peers.crashes()
  const boundMs = (check.withinMs ?? DEFAULT_BOUND_MS) * (session.shake === undefined ? 1 : SHAKEN_FACTOR)
  const story = new Story()
  const trace = new Trace()
  const cleanUp = new CleanUp()
  const measures = new Map<string, Measure>()
  const passed = new AbortController()
  // Ends every wait in the check: when its time has passed, or its program has gone.
  const bound = new AbortController()
  passed.signal.addEventListener('abort', () => bound.abort(), { once: true })
  const either = AbortSignal.any([signal, bound.signal])
  setMaxListeners(0, either)
  const parts = {
    id: check.id, session, peers, story, trace, cleanUp, measures,
    seed: seedOf(check.id, seed),
    signal: either,
    clock: new BoundClock(boundMs, () => passed.abort()),
  }
  const { context, lastCurl } = await buildContext(parts)
  const running = check.run(context)
  const over = new AbortController()
  const ending = await Promise.race([settle(running, passed.signal, signal), watchForCrash(running, session, bound, over.signal)])
  over.abort()
  const hasPassed = parts.clock.leftMs <= 0
  parts.clock.stop()
  const evidence = await gatherEvidence(ending, session, boundMs)
  const ms = Math.round((performance.now() - beganAt) * 10) / 10
  // What the clean-up says to the program is no part of the check.
  const measured = measures.size === 0 ? {} : { measures: [...measures.values()] }
  const result = { id: check.id, title: check.title, ms, steps: story.steps(), trace: trace.events(), ...measured, ...evidence }
  const curl = evidence.curl ?? lastCurl()
  await cleanUp.run()
  bound.abort()
  if (result.state !== 'failed') return { result, timedOut: false, lostPeers: false }
  const [concept, where] = check.hints
  const told = { hint: `${concept} ${where}`, hints: check.hints, curl }
  const lostPeers = peers.crashes() > crashesBefore
  return { result: { ...result, ...told }, lostPeers, timedOut: ending.kind === 'timed-out' || hasPassed }
}

/** Each check draws its own values: two checks that draw alike would find each other's shows in the guide. */
function seedOf(id: string, seed: number): number {
  return createHash('sha256').update(`${String(seed)} ${id}`).digest().readUInt32BE(0)
}

/**
 * What a program that is gone would have said, nobody has to wait for. Stays pending when it ended as it should.
 * @throws AbortError when the check is over: what its program ends of then is no longer its affair, and no timer may keep the judge
 */
async function watchForCrash(running: Promise<void>, { program }: Session, bound: AbortController, over: AbortSignal): Promise<Ending> {
  await program.ended
  await delay(NOTICE_MS, undefined, { signal: over })
  if (await program.diagnose() === null) await new Promise<never>(() => undefined)
  bound.abort()
  await Promise.race([running.catch(() => undefined), delay(LAST_WORDS_MS, undefined, { signal: over })])
  return { kind: 'crashed' }
}

/**
 * Waits for the check's function. At its bound every wait in it is ended, so that it can say what it
 * waited for; a little later, or when the run is cancelled, nothing it does counts any more.
 */
async function settle(
  running: Promise<void>,
  passed: AbortSignal,
  cancelled: AbortSignal,
): Promise<Ending> {
  let timer: NodeJS.Timeout | undefined
  const ended = running.then(
    (): Ending => ({ kind: 'passed' }),
    (error: unknown): Ending => (isAbort(error) ? { kind: 'timed-out' } : { kind: 'threw', error }),
  )
  const late = new Promise<Ending>((resolve) => {
    const giveUp = (): void => {
      resolve({ kind: 'timed-out' })
    }
    // From then on, and not from the beginning: on a busy machine the bound itself may come late.
    const hearLastWords = (): void => {
      timer = setTimeout(giveUp, LAST_WORDS_MS)
    }
    passed.addEventListener('abort', hearLastWords, { once: true })
    cancelled.addEventListener('abort', giveUp, { once: true })
    void ended.then(() => {
      cancelled.removeEventListener('abort', giveUp)
      passed.removeEventListener('abort', hearLastWords)
    })
  })
  const ending = await Promise.race([ended, late])
  clearTimeout(timer)
  return ending
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

type Evidence = Pick<CheckResult, 'state' | 'message' | 'expected' | 'actual' | 'problem' | 'curl'>

async function gatherEvidence(ending: Ending, session: Session, boundMs: number): Promise<Evidence> {
  if (ending.kind === 'passed') return session.hasEnded ? crashedAfterwards(session) : { state: 'passed' }
  if (ending.kind === 'timed-out' || ending.kind === 'crashed') {
    const problem = await session.program.diagnose()
    const message = problem?.title ?? `This check was not through after ${String(boundMs / 1_000)} s.`
    return { state: 'failed', message, ...(problem && { problem }) }
  }
  const { error } = ending
  if (error instanceof CheckSkipped) return { state: 'skipped', message: error.message }
  if (!(error instanceof CheckFailure)) return { state: 'failed', message: stumbled(error) }
  const problem = error instanceof ProgramFailure ? error.problem : await session.program.diagnose()
  return {
    state: 'failed',
    message: error.message,
    expected: error.expected,
    actual: error.actual,
    ...(error instanceof StreamFailure && { curl: error.curl }),
    ...(problem && { problem }),
  }
}

/** Every answer was right, and yet the program did not live through the check. */
async function crashedAfterwards(session: Session): Promise<Evidence> {
  const problem = await session.program.diagnose()
  if (problem === null) return { state: 'passed' }
  return { state: 'failed', message: `Every answer was right, but then: ${problem.title}`, problem }
}

/** Begins the message of a check that met an answer its author did not think of. */
export const STUMBLED = 'This check stumbled over an answer it was not made for'

function stumbled(error: unknown): string {
  return `${STUMBLED}: ${error instanceof Error ? error.message : String(error)}`
}
