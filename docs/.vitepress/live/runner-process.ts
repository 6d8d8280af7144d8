import { fork, type ChildProcess } from 'node:child_process'
import type { FromRunner, ToRunner } from '../../../test/harness/runner/messages.ts'

/** A runner that falls more often than this within a minute stays down until the site is started again. */
const MAX_RESTARTS = 5
const RESTART_MS = 300

export interface RunnerProcess {
  /** Starts the process unless it runs. */
  start(): void
  /** False when it is down for good. */
  send(message: ToRunner): boolean
  close(): void
}

export interface RunnerOptions {
  /** The runner's entry file, absolute. */
  entry: string
  /** The workbook's folder. */
  root: string
  onMessage: (message: FromRunner) => void
  /** Told each time it fell; `gaveUp` when it will not be started again. */
  onCrash: (reason: string, gaveUp: boolean) => void
}

/** Keeps the runner's process going: started on demand, started again when it falls, gone when this process is. */
export function createRunnerProcess({ entry, root, onMessage, onCrash }: RunnerOptions): RunnerProcess {
  const falls: number[] = []
  let child: ChildProcess | undefined
  let isClosed = false
  const start = (): void => {
    if (child !== undefined || isClosed || isDown(falls)) return
    child = fork(entry, [], { cwd: root, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    child.on('message', (message) => { onMessage(message as FromRunner) })
    child.on('error', () => undefined)
    child.on('close', (code, signal) => {
      child = undefined
      if (isClosed) return
      falls.push(Date.now())
      onCrash(signal ?? `exit code ${String(code)}`, isDown(falls))
      setTimeout(start, RESTART_MS)
    })
  }
  return {
    start,
    send(message): boolean {
      start()
      return child?.connected === true && (child.send(message, () => undefined), true)
    },
    close(): void {
      isClosed = true
      if (child?.connected === true) child.disconnect()
    },
  }
}

function isDown(falls: readonly number[]): boolean {
  const recent = falls.filter((at) => Date.now() - at < 60_000)
  return recent.length > MAX_RESTARTS
}
