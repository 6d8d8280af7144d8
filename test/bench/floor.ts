import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Below the ports that systems hand out by themselves. */
let port = 21_000 + (process.pid % 5_000)
let turn = 0

/**
 * How long `node --import tsx mine.ts` takes, with content that was never run before, from the start of the process
 * until its port accepts a connection. In milliseconds.
 * @param root a sandbox
 */
export async function measureFloor(root: string, source: string): Promise<number> {
  const file = join(root, 'labs', 'floor', 'mine.ts')
  writeFileSync(file, changed(source))
  const ownPort = (port += 1)
  const beganAt = performance.now()
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: root,
    env: { ...process.env, PORT: String(ownPort) },
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  try {
    while (!(await accepts(ownPort))) {
      if (child.exitCode !== null) throw new Error(`The floor's program ended with ${String(child.exitCode)}`)
      await sleep(2)
    }
    return performance.now() - beganAt
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

/** The same program with a content that no cache has seen. */
export function changed(source: string): string {
  turn += 1
  return `${source}\n// save ${String(turn)} of ${String(process.pid)} at ${String(Date.now())}\n`
}

function accepts(portToTry: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(portToTry, '127.0.0.1')
    socket.once('connect', () => { socket.destroy(); resolve(true) })
    socket.once('error', () => { resolve(false) })
  })
}
