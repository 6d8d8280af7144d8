import { readdir, readFile } from 'node:fs/promises'

/** The variable that the launcher marks each learner's process with; children inherit it. */
const MARK = `HARBOUR_RADIO_RUN=${String(process.pid)}-`

/**
 * Command lines of processes started by this test process's launchers that are still there. Linux only;
 * elsewhere, where a process's environment cannot be read, an empty list.
 */
export async function markedProcesses(): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async (pid) => ((await isMarked(pid)) ? commandLine(pid) : undefined)))
  return found.filter((line) => line !== undefined)
}

async function isMarked(pid: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  return environment.split('\0').some((entry) => entry.startsWith(MARK))
}

async function commandLine(pid: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return `${pid} ${text.split('\0').join(' ').trim()}`
}
