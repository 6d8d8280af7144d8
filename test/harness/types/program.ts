/** The contract between the launcher, which owns processes, and the judge, which asks for them. */
import type { Problem } from './verdict.ts'

/** What is judged. */
export type Target =
  | { kind: 'file'; file: string }
  | { kind: 'command'; command: readonly string[] }
  | { kind: 'url'; url: string }

export interface StartRequest {
  target: Target
  /** Absolute; the process starts there. For a file: the workbook's root. */
  cwd: string
  /** The contract's variables (NAME, SIGNAL_URL …). PORT is the launcher's to set. */
  env: Readonly<Record<string, string>>
  /** Packages a warm spare has imported already: `['express']`. */
  preload: readonly string[]
  /** True: a program that asks for every address gets every address, and not loopback alone. Default false. */
  everyAddress?: boolean
  /** False starts a fresh process even when a spare waits. Default true. */
  warm?: boolean
}

export interface Bounds {
  /** Until the port must answer. Default 10 000. */
  readyMs: number
  /** From SIGTERM to SIGKILL, of the program's own time; on the clock at most twice as long. Default 2 000. */
  stopMs: number
  /** What is kept of stdout and stderr together. Default 65 536. */
  outputBytes: number
  /** Resident memory of the whole group. Default 512 MiB. */
  memoryBytes: number
}

export interface Exit {
  code: number | null
  signal: string | null
}

export interface ProgramOutput {
  stdout: string
  stderr: string
  /** All that was printed, kept or not. */
  totalBytes: number
}

export interface StopReport {
  exit: Exit
  /** From SIGTERM until the process had ended, without the time in which it, or the judge, waited for a processor. */
  ms: number
  /** True when SIGTERM was not enough. */
  killed: boolean
  /** Processes that were still there afterwards and had to be killed. */
  leftovers: number
}

/** One running learner's program. */
export interface Program {
  readonly port: number
  /** Where it answers: `http://127.0.0.1:18234`, or the URL of a `--url` target. */
  readonly origin: string
  /** 0 for a URL target. */
  readonly pid: number
  /** Resolves once the port accepts a connection (null), or with what stopped it. Never rejects. */
  ready(): Promise<Problem | null>
  /**
   * Asks the evidence: has it crashed, exited, run out of memory, is it in an endless loop right now?
   * Null when the process is alive and its event loop turns. Waits at most 300 ms for late evidence.
   */
  diagnose(): Promise<Problem | null>
  /** Resolves when the process has ended for whatever reason. Never rejects. */
  readonly ended: Promise<Exit>
  /** Sends a signal to the whole group: SIGKILL to play a crash, SIGSTOP to play a silence. */
  kill(signal: NodeJS.Signals): void
  output(): ProgramOutput
  /** SIGTERM, SIGKILL after `stopMs`, then makes sure that the group is empty and the port free. */
  stop(): Promise<StopReport>
}

export interface Launcher {
  /** Never rejects for a learner's fault: `ready()` tells that. */
  start(request: StartRequest): Promise<Program>
  /** Keeps `count` spares waiting for this request's target and preload; 0 lets them go. */
  prepare(request: StartRequest, count: number): void
  /** Stops every program and every spare. */
  close(): Promise<void>
}
