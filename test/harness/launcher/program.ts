import { setTimeout as sleep } from 'node:timers/promises'
import type { Bounds, Exit, Problem, Program, StopReport } from '../types/index.ts'
import type { Attempt } from './attempt.ts'
import type { Case } from './diagnosis/case.ts'
import { diagnoseRun } from './diagnosis/end.ts'
import { diagnoseStart } from './diagnosis/start.ts'
import { endAttempt } from './ending.ts'
import { limitMemory } from './memory.ts'
import { waitUntilReady } from './readiness.ts'
import { isEnding, processesOf } from './system.ts'

export interface ProgramOptions {
  /** Starts a process on a port of its own. Called again when the port was lost to somebody else. */
  begin: () => Promise<Attempt>
  bounds: Bounds
  /** The workbook's folder, absolute. */
  root: string
  /** For people. */
  name: string
  /** The learner's file; undefined for a command. */
  file?: string
  /** Runs once the program has been stopped. */
  onStopped: () => void
}

/** How often a port may be lost before the loss itself is the finding. */
const MAX_ATTEMPTS = 4
/** Evidence may lag behind a dropped connection: the system collects a process after its sockets. */
const EVIDENCE_MS = 300
/** A process that is not known to be ending by then is alive. */
const ALIVE_MS = 60

/** Starts a program that runs here. Its readiness is awaited from this moment on. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { bounds } = options
  let attempt = await begin(options)
  let stopping: Promise<StopReport> | undefined
  const isStopping = (): boolean => stopping !== undefined
  const started = becomeReady()
  const ended = started.then((): Promise<Exit> => attempt.process.ended)

  async function becomeReady(): Promise<Problem | null> {
    for (let count = 1; ; count++) {
      const readiness = await waitUntilReady(attempt, bounds.readyMs)
      if (readiness === 'ready') return null
      if (readiness !== 'lost-port' || count === MAX_ATTEMPTS || isStopping()) return explainStart(attempt, options)
      await endAttempt(attempt, bounds)
      if (isStopping()) return explainStart(attempt, options)
      attempt = await begin(options)
    }
  }

  async function stop(): Promise<StopReport> {
    const report = await endAttempt(attempt, bounds)
    options.onStopped()
    return report
  }

  return {
    get port() { return attempt.port },
    get origin() { return `http://127.0.0.1:${attempt.port}` },
    get pid() { return attempt.process.pid },
    ended,
    ready: () => started,
    diagnose: () => explainRun(attempt, options),
    kill: (signal) => void attempt.process.signal(signal),
    output: () => attempt.process.output(),
    stop: () => (stopping ??= stop()),
  }
}

async function begin({ begin, bounds }: ProgramOptions): Promise<Attempt> {
  const attempt = await begin()
  limitMemory(attempt, bounds)
  return attempt
}

async function explainStart(attempt: Attempt, options: ProgramOptions): Promise<Problem> {
  const pids = attempt.reports ? [] : await processesOf(attempt.process.pid, attempt.process.mark)
  return diagnoseStart(caseOf(attempt, options, 'start'), pids)
}

async function explainRun(attempt: Attempt, options: ProgramOptions): Promise<Problem | null> {
  await gatherLate(attempt)
  return diagnoseRun(caseOf(attempt, options, 'run'))
}

/** Waits for the end of a process that shows signs of ending, or for a busy one to show that it turns again. */
async function gatherLate({ process, evidence }: Attempt): Promise<void> {
  const beganAt = performance.now()
  const passedMs = (): number => performance.now() - beganAt
  while (process.exit() === undefined && passedMs() < EVIDENCE_MS) {
    const { uncaught, exitCalled, memoryBytes, blocked } = evidence.read()
    const signs = [uncaught, exitCalled, memoryBytes, blocked]
    if (passedMs() > ALIVE_MS && signs.every((sign) => sign === undefined) && !isEnding(process.pid)) return
    await Promise.race([evidence.changed(), sleep(10)])
  }
  if (process.exit() !== undefined) await process.drained
}

function caseOf(attempt: Attempt, { root, name, file, bounds }: ProgramOptions, phase: Case['phase']): Case {
  return { evidence: attempt.evidence.read(), port: attempt.port, root, name, file, phase, bounds }
}
