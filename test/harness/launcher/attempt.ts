import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Bounds, StartRequest } from '../types/index.ts'
import { createMark, programEnvironment } from './environment.ts'
import { gatherEvidence } from './evidence.ts'
import type { EvidenceGatherer } from './evidence.ts'
import { startProcess } from './process.ts'
import type { GroupProcess } from './process.ts'
import type { Family } from './system.ts'

/** One process on one port. A program is a second attempt when its first port was lost to somebody else. */
export interface Attempt {
  readonly port: number
  readonly process: GroupProcess
  readonly evidence: EvidenceGatherer
  /** True for a program in JavaScript, which reports through the preload. */
  readonly reports: boolean
  /** All processes that were seen below it, by the time of their start: some leave the group and wipe their mark. */
  readonly family: Family
}

/** By its file, so that a process may start in any folder. */
const TSX_URL = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const PRELOAD_URL = new URL('./preload/preload.mjs', import.meta.url).href
const GUARD_FILE = fileURLToPath(new URL('./guard.mjs', import.meta.url))

/**
 * Starts Node with tsx and the preload, which then wait: first for what to load beforehand, then for go.
 * @param compiles false: the file is plain JavaScript, and so is all that it imports
 * @see fileAttempt
 */
export function startNode(file: string, cwd: string, bounds: Bounds, compiles = true): GroupProcess {
  const mark = createMark()
  return startProcess({
    command: process.execPath,
    args: [...(compiles ? ['--import', TSX_URL] : []), '--import', PRELOAD_URL, file],
    cwd,
    env: programEnvironment(mark, { HARBOUR_RADIO_CHANNEL: '1' }),
    mark,
    outputBytes: bounds.outputBytes,
    hasChannel: true,
  })
}

/**
 * Tells a fresh Node process whose child it is, and what to load before it is told to go.
 * @param packages imported beforehand; none for a cold start
 * @param warmUpFile a file URL: imported first, so that the compiler has started
 */
export function sendOrder(waiting: GroupProcess, packages: readonly string[], warmUpFile?: string): void {
  waiting.send({ parent: process.pid, packages, warmUpFile })
}

/** Tells a waiting Node process to run the learner's file. */
export function fileAttempt(waiting: GroupProcess, request: StartRequest, port: number, bounds: Bounds): Attempt {
  const evidence = gatherEvidence(waiting)
  const env = programEnvironment(waiting.mark, { ...request.env, PORT: String(port) })
  waiting.send({ env, port, memoryBytes: bounds.memoryBytes, everyAddress: request.everyAddress === true })
  return { port, process: waiting, evidence, reports: true, family: new Map() }
}

/** Starts a program in whatever language. It is judged by its port and its end alone. */
export function commandAttempt(
  command: readonly string[],
  request: StartRequest,
  port: number,
  bounds: Bounds,
): Attempt {
  const environment = (mark: string): Record<string, string> => programEnvironment(mark, { ...request.env, PORT: String(port) })
  return plainAttempt(command, request.cwd, environment, port, bounds)
}

/** Starts a program that reports nothing. @param environment the whole of it, given the mark that it has to carry */
export function plainAttempt(
  command: readonly string[],
  cwd: string,
  environment: (mark: string) => Record<string, string>,
  port: number,
  bounds: Bounds,
): Attempt {
  const mark = createMark()
  const started = startProcess({
    command: command[0] ?? '',
    args: command.slice(1),
    cwd,
    env: environment(mark),
    mark,
    outputBytes: bounds.outputBytes,
    hasChannel: false,
  })
  if (started.pid !== 0) guard(started)
  return { port, process: started, evidence: gatherEvidence(started), reports: false, family: new Map() }
}

/** The preload ends a program whose judge was killed; a program without one gets a process that does it. */
function guard(started: GroupProcess): void {
  const watcher = spawn(process.execPath, [GUARD_FILE, String(started.pid)], {
    detached: true,
    windowsHide: true,
    env: programEnvironment('guard'),
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.on('error', () => undefined)
  watcher.stdin?.on('error', () => undefined)
  watcher.unref()
  ;(watcher.stdin as unknown as { unref?: () => void } | null)?.unref?.()
  void started.ended.then(() => watcher.kill('SIGKILL'))
}
