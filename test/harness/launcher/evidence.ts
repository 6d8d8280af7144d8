import type { Exit, ProgramOutput } from '../types/index.ts'
import type { GroupProcess } from './process.ts'
import type { Report, UncaughtError } from './reports.ts'

export type ListeningReport = Extract<Report, { type: 'listening' }>
export type ListenErrorReport = Extract<Report, { type: 'listen-error' }>

/** All that is known about a process that runs or ran. A diagnosis reads nothing else. */
export interface Evidence {
  exit?: Exit
  spawnError?: NodeJS.ErrnoException
  listening: ListeningReport[]
  listenErrors: ListenErrorReport[]
  /** The error that ended it. */
  uncaught?: UncaughtError
  exitCalled?: { code: number; stack: string }
  /** Nothing but open servers keeps it alive. */
  isIdle: boolean
  /** What it had taken when it was ended for it. */
  memoryBytes?: number
  /** It is in a loop, since then (on this process's clock); the place is missing when no statement could be caught running. */
  blocked?: { file?: string; line?: number; column?: number; sinceMs: number }
  output: ProgramOutput
}

export interface EvidenceGatherer {
  read(): Evidence
  /** The program took more memory than its bound, and is being ended. */
  noteMemory(bytes: number): void
  /** Resolves at the next report or at the end of the process. */
  changed(): Promise<void>
}

/** Nobody opens more servers than this by intention. */
const MAX_LISTENING = 100
/** An error that the program survived for so long is not what ended it. */
const FATAL_WITHIN_MS = 1_000

/** True when the program has told that it listens on that port, on an address that 127.0.0.1 reaches. */
export function listensOn(evidence: Evidence, port: number): boolean {
  const reached = ['127.0.0.1', '0.0.0.0', '::']
  return evidence.listening.some((found) => found.port === port && reached.includes(found.address ?? ''))
}

type Gathered = Omit<Evidence, 'output' | 'exit'> & { uncaughtAt: number }

/** Gathers from now on. */
export function gatherEvidence(process: GroupProcess): EvidenceGatherer {
  const gathered: Gathered = { listening: [], listenErrors: [], isIdle: false, uncaughtAt: 0 }
  let wake = createSignal()
  const change = (): void => {
    const { fire } = wake
    wake = createSignal()
    fire()
  }
  process.onReport((report) => {
    take(gathered, report)
    change()
  })
  void process.spawnError.then((error) => error !== undefined && (gathered.spawnError = error))
  void process.ended.then(change)
  return {
    read() {
      const { uncaughtAt: _, ...known } = gathered
      return { ...known, exit: process.exit(), output: process.output() }
    },
    noteMemory: (bytes) => void (gathered.memoryBytes ??= bytes),
    changed: () => wake.fired,
  }
}

function take(gathered: Gathered, report: Report): void {
  switch (report.type) {
    case 'listening': return keep(gathered.listening, report)
    case 'listen-error': return keep(gathered.listenErrors, report)
    case 'idle': return void (gathered.isIdle = true)
    case 'memory': return void (gathered.memoryBytes = report.bytes)
    case 'blocked': return void (gathered.blocked = { ...report, sinceMs: performance.now() - report.forMs })
    case 'unblocked': return void delete gathered.blocked
    case 'uncaught':
      gathered.uncaught = report
      gathered.uncaughtAt = performance.now()
      return
    case 'exit-called':
      gathered.exitCalled = report
      return forgetSurvived(gathered)
    case 'exit': return forgetSurvived(gathered)
  }
}

/** Keeps the newest: a program that begins to listen after many others has done so. */
function keep<T>(list: T[], report: T): void {
  list.push(report)
  if (list.length > MAX_LISTENING) list.splice(0, 1)
}

function forgetSurvived(gathered: Gathered): void {
  if (performance.now() - gathered.uncaughtAt > FATAL_WITHIN_MS) delete gathered.uncaught
}

function createSignal(): { fired: Promise<void>; fire: () => void } {
  let fire = (): void => undefined
  const fired = new Promise<void>((resolve) => (fire = resolve))
  return { fired, fire }
}
