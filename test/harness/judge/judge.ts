import { setMaxListeners } from 'node:events'
import type { ImageKit } from '../container/image-kit.ts'
import { relativePath, ROOT } from '../labs.ts'
import type {
  CheckDefinition,
  CheckResult,
  JudgeEvent,
  LabDefinition,
  Launcher,
  PeerKit,
  Problem,
  StopReport,
  Target,
  Verdict,
} from '../types/index.ts'
import { tolerateAbandoned } from './abandoned.ts'
import { runAtOnce } from './company.ts'
import { runInTurn } from './order.ts'
import { Session } from './session.ts'

export interface JudgeOptions {
  lab: LabDefinition
  target: Target
  launcher: Launcher
  peers: PeerKit
  /** Where programs start. Default: the workbook's folder. */
  root?: string
  onEvent?: (event: JudgeEvent) => void
  /** Cancels the run; `judge` then rejects with the signal's reason once all it started has stopped. */
  signal?: AbortSignal
  /** True: never take a warm spare. */
  cold?: boolean
  /** Seed of the random values. Default: a new one. */
  seed?: number
  /** Shakes what goes over the wire: the seed of all that is random in it. Default: passes it on as it comes. */
  shake?: number
  /** How long the whole run may take. Default 60 000. */
  runMs?: number
}

/** The bound of a whole run unless it is told another. */
const RUN_MS = 60_000

/** What one run carries through its parts. */
export interface Run {
  lab: LabDefinition
  peers: PeerKit
  seed: number
  signal: AbortSignal
  runMs: number
  /** Opens a session like the run's own, on a fresh program. */
  newSession(): Session
  /** Tells that these have failed in company, and are tried once more. */
  tellAgain(ids: string[]): void
  /** Tells one check's result. */
  report(result: CheckResult): void
}

/** Slower than this, ending is worth a remark. */
const SLOW_STOP_MS = 1_000

/**
 * Runs one lab's checks on one target.
 * @returns the verdict; a learner's failure is in it, never thrown
 * @throws the signal's reason when cancelled; an Error for a fault of the engine or of a check
 */
export async function judge(options: JudgeOptions): Promise<Verdict> {
  const beganAt = performance.now()
  tolerateAbandoned()
  const { lab, target } = options
  const onEvent = options.onEvent ?? (() => undefined)
  onEvent({ type: 'begin', lab: lab.slug, checks: lab.checks.map(({ id, title }) => ({ id, title })) })
  const results = new Map<string, CheckResult>()
  const images = await imagesFor(options)
  const run: Run = {
    lab,
    peers: options.peers,
    seed: options.seed ?? 1 + Math.floor(Math.random() * 2 ** 31),
    signal: options.signal ?? new AbortController().signal,
    runMs: options.runMs ?? lab.runMs ?? RUN_MS,
    newSession: () => new Session({ ...options, ...(images && { images }) }),
    tellAgain: (ids) => {
      if (options.signal?.aborted !== true) onEvent({ type: 'again', ids })
    },
    report: (result) => {
      results.set(result.id, result)
      if (options.signal?.aborted !== true) onEvent({ type: 'check', result })
    },
  }
  // Each check listens, and checks can run all at once.
  setMaxListeners(0, run.signal)
  const { problem, reports } = await runSession(run).finally(() => images?.close())
  run.signal.throwIfAborted()
  const checks = lab.checks.map((check) => results.get(check.id) ?? notReached(check, problem))
  const verdict: Verdict = {
    lab: lab.slug,
    target: describeTarget(target, options.root),
    passed: problem === null && results.size === checks.length && isGreen(checks),
    problem,
    checks,
    ms: Math.round(performance.now() - beganAt),
    remarks: [...remarksOn(reports), ...(images?.remarks() ?? [])],
    seed: run.seed,
    ...(options.shake !== undefined && { shake: options.shake }),
  }
  onEvent({ type: 'end', verdict })
  return verdict
}

/** The engine of images is loaded where a lab has one: no other run pays for it. */
async function imagesFor({ lab, target, root = ROOT, signal }: JudgeOptions): Promise<ImageKit | undefined> {
  if (lab.image === undefined || target.kind !== 'file') return undefined
  const { ImageKit } = await import('../container/image-kit.ts').catch(sayHowToInstall)
  return new ImageKit({ options: lab.image, file: target.file, root, env: lab.env ?? {}, signal: signal ?? new AbortController().signal })
}

/** A checkout that was pulled and not installed lacks what the engine is built of. @throws always */
function sayHowToInstall(error: unknown): never {
  if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new Error('This lab needs packages that are not installed yet. Run `npm install` in the workbook\'s folder, then try again.', { cause: error })
}

async function runSession(run: Run): Promise<{ problem: Problem | null; reports: StopReport[] }> {
  const session = run.newSession()
  let problem: Problem | null = null
  let reports: StopReport[] = []
  // A cancelled run must not wait for a program that is still starting.
  const cancel = (): void => void session.close()
  run.signal.addEventListener('abort', cancel, { once: true })
  try {
    problem = await session.open()
    if (problem === null && !run.signal.aborted) {
      await ((run.lab.concurrent ?? false) !== false ? runAtOnce(run, session) : runInTurn(run, session, run.lab.checks))
    }
  } finally {
    run.signal.removeEventListener('abort', cancel)
    reports = await session.close()
  }
  return { problem, reports }
}

function isGreen(checks: readonly CheckResult[]): boolean {
  return checks.every((result) => result.state !== 'failed') && checks.some((result) => result.state === 'passed')
}

/** A check that could not be tried for a reason that is the program's own, or its run's: nobody may take it for passed. */
export function failedUntried({ id, title, hints }: CheckDefinition, problem: Problem): CheckResult {
  const message = `Not tried: ${problem.title}`
  return { id, title, state: 'failed', ms: 0, message, hint: problem.hint, hints, problem, steps: [], trace: [] }
}

/** A check that was not tried, and why: something before it has failed. */
export function notReached(check: CheckDefinition, problem: Problem | null, reason?: string): CheckResult {
  const because = reason ?? problem?.title ?? 'the run ended before it.'
  const message = `Not reached: ${because}`
  return { id: check.id, title: check.title, state: 'skipped', ms: 0, message, steps: [], trace: [] }
}

/** A target in the words of a verdict: a file from the workbook's folder, a command line, a URL. */
export function describeTarget(target: Target, root = ROOT): string {
  if (target.kind === 'file') return relativePath(target.file, root)
  return target.kind === 'command' ? target.command.join(' ') : target.url
}

function remarksOn(reports: readonly StopReport[]): string[] {
  const killed = reports.find((report) => report.killed)
  const left = reports.reduce((sum, report) => sum + report.leftovers, 0)
  const slowest = Math.max(0, ...reports.map((report) => report.ms))
  const remarks: string[] = []
  if (killed !== undefined) remarks.push('The program did not end on SIGTERM and had to be killed.')
  else if (slowest > SLOW_STOP_MS) remarks.push(`It took ${(slowest / 1_000).toFixed(1)} s to end after SIGTERM.`)
  if (left > 0) remarks.push(`It left ${String(left)} ${left === 1 ? 'process' : 'processes'} running, which had to be killed.`)
  return remarks
}
