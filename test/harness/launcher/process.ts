import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import type { Exit, ProgramOutput } from '../types/index.ts'
import { IS_WINDOWS, registerGroup, signalGroup } from './group.ts'
import { createOutputKeeper } from './output.ts'
import { createReportReader } from './reports.ts'
import type { Report } from './reports.ts'

export interface ProcessOptions {
  command: string
  args: readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  /** Finds the process's relatives. */
  mark: string
  outputBytes: number
  /** True opens a pipe of its own on descriptor 3; `process.disconnect()` in a learner's program cannot cut it. */
  hasChannel: boolean
}

/** A process group with what it prints and reports. */
export interface GroupProcess {
  /** 0 when it could not be started. */
  readonly pid: number
  readonly mark: string
  /** Why it could not be started. */
  readonly spawnError: Promise<NodeJS.ErrnoException | undefined>
  /** Resolves when the first process of the group has ended. */
  readonly ended: Promise<Exit>
  /** Resolves when, after the end, all that was printed and reported has been read, or 150 ms later. */
  readonly drained: Promise<void>
  exit(): Exit | undefined
  output(): ProgramOutput
  onReport(listener: (report: Report) => void): void
  send(message: object): void
  signal(signal: NodeJS.Signals): boolean
  /** False: this process does not keep the judge's process alive. */
  keepAlive(isKept: boolean): void
}

/** How long a pipe may stay open after the end: a grandchild can hold it for ever. */
const DRAIN_MS = 150

/** Starts a process in a group of its own, without a shell. Never throws: a failed start is told by `spawnError`. */
export function startProcess(options: ProcessOptions): GroupProcess {
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd,
    env: options.env,
    detached: !IS_WINDOWS,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe', options.hasChannel ? 'pipe' : 'ignore'],
  })
  const pid = child.pid ?? 0
  if (pid !== 0) registerGroup(pid)
  const channel = (child.stdio[3] ?? undefined) as Duplex | undefined
  const output = keepOutput(child, options.outputBytes)
  const listeners: ((report: Report) => void)[] = []
  listen(channel, (report) => listeners.forEach((listener) => listener(report)))
  const life = followLife(child, [child.stdout, child.stderr, channel])
  return {
    pid,
    mark: options.mark,
    ...life,
    output: output.read,
    onReport: (listener) => void listeners.push(listener),
    send: (message) => void channel?.write(`${JSON.stringify(message)}\n`),
    signal: (signal) => pid !== 0 && signalGroup(pid, signal),
    keepAlive: (isKept) => holdProcess(child, isKept),
  }
}

function keepOutput(child: ChildProcess, maxBytes: number): ReturnType<typeof createOutputKeeper> {
  const output = createOutputKeeper(maxBytes)
  child.stdout?.on('data', (chunk: Buffer) => output.add('stdout', chunk))
  child.stderr?.on('data', (chunk: Buffer) => output.add('stderr', chunk))
  child.stdout?.on('error', () => undefined)
  child.stderr?.on('error', () => undefined)
  return output
}

function listen(channel: Duplex | undefined, onReport: (report: Report) => void): void {
  channel?.setEncoding('utf8')
  channel?.on('data', createReportReader(onReport))
  // The process has gone in the middle of a message; its end tells the rest.
  channel?.on('error', () => undefined)
}

type Life = Pick<GroupProcess, 'spawnError' | 'ended' | 'drained' | 'exit'>

function followLife(child: ChildProcess, streams: readonly (Readable | null | undefined)[]): Life {
  let exit: Exit | undefined
  const spawnError = new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    child.once('spawn', () => resolve(undefined))
    child.once('error', resolve)
  })
  const ended = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve((exit = { code, signal })))
    void spawnError.then((error) => error !== undefined && resolve((exit = { code: null, signal: null })))
  })
  const closed = Promise.all(streams.map((stream) => streamEnd(stream)))
  const drained = ended.then(() => Promise.race([closed, wait(DRAIN_MS)])).then(() => undefined)
  return { spawnError, ended, drained, exit: () => exit }
}

function streamEnd(stream: Readable | null | undefined): Promise<void> {
  if (stream === null || stream === undefined || stream.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    stream.once('end', resolve)
    stream.once('close', resolve)
  })
}

function holdProcess(child: ChildProcess, isKept: boolean): void {
  const handles = [child, ...child.stdio] as unknown as ({ ref?: () => void; unref?: () => void } | null)[]
  for (const handle of handles) {
    if (isKept) handle?.ref?.()
    else handle?.unref?.()
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
