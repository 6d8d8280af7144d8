import { readdirSync, readFileSync } from 'node:fs'

/**
 * The command lines of processes that work in a folder or below it, by pid: whatever was started there
 * and is still running. Linux only; elsewhere an empty map.
 */
export function processesUnder(folder: string): Map<number, string> {
  if (process.platform !== 'linux') return new Map()
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const lines = pids.map((pid): [number, string] => [Number(pid), commandLine(pid)])
  return new Map(lines.filter(([pid, line]) => pid !== process.pid && line.includes(folder)))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
  } catch {
    return ''
  }
}
