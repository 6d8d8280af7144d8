import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Computes for ever, and looks now and then whether the one who wanted it is still there. */
const BUSY = `
const wanted = Number(process.argv[1])
const isWanted = () => {
  try { return process.kill(wanted, 0) } catch { return false }
}
while (process.ppid === wanted && isWanted()) {
  const until = Date.now() + 50
  while (Date.now() < until) Math.sqrt(until)
}`

/**
 * Loads every core from now on, with a process for each in a session of its own: systems that share the
 * processor out by session give threads, and processes of one's own session, next to nothing.
 * @returns ends the load; it also ends with this process, however that ends
 */
export function keepBusy(cores = availableParallelism()): () => void {
  const busy = Array.from({ length: cores }, () => spawn(process.execPath, ['-e', BUSY, String(process.pid)], { detached: true, stdio: 'ignore' }))
  const end = (): void => {
    for (const child of busy) child.kill('SIGKILL')
    process.off('exit', end)
  }
  process.on('exit', end)
  return end
}
