/** Process groups: a learner's process and whatever it starts live and die together. */
import { spawnSync } from 'node:child_process'

export const IS_WINDOWS = process.platform === 'win32'

const live = new Set<number>()

/** From now on the group dies with this process, however it ends short of SIGKILL. */
export function registerGroup(pid: number): void {
  if (live.size === 0) process.once('exit', killAllGroups)
  live.add(pid)
}

/** Ends the registration. */
export function forgetGroup(pid: number): void {
  live.delete(pid)
  if (live.size === 0) process.off('exit', killAllGroups)
}

/**
 * Sends a signal to every process of the group that `pid` leads. Windows has neither groups nor signals:
 * there the tree is ended at once, whatever the signal.
 * @returns false when nobody was there to receive it
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  if (IS_WINDOWS) return spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }).status === 0
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

function killAllGroups(): void {
  for (const pid of live) signalGroup(pid, 'SIGKILL')
}
