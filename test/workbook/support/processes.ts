import { readdir, readFile } from 'node:fs/promises'

/** The variable that the launcher marks each learner's process with; children inherit it. */
const MARK = `HARBOUR_RADIO_RUN=${String(process.pid)}-`

/**
 * Command lines of processes started by this test process's launchers that are still there. Linux only;
 * elsewhere, where a process's environment cannot be read, an empty list.
 */
export async function markedProcesses(): Promise<string[]> {
  return processesWhere(async (pid) => (await environmentOf(pid)).some((entry) => entry.startsWith(MARK)))
}

/** The same of those alone that carry a word of a test's own, as a variable's value or as an argument. */
export async function processesWith(word: string): Promise<string[]> {
  return processesWhere(async (pid) => {
    const words = [...(await environmentOf(pid)).map((entry) => entry.slice(entry.indexOf('=') + 1)), ...(await argumentsOf(pid))]
    return words.includes(word)
  })
}

async function processesWhere(isWanted: (pid: string) => Promise<boolean>): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async (pid) => ((await isWanted(pid)) ? `${pid} ${(await argumentsOf(pid)).join(' ').trim()}` : undefined)))
  return found.filter((line) => line !== undefined)
}

async function environmentOf(pid: string): Promise<string[]> {
  return (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).split('\0')
}

async function argumentsOf(pid: string): Promise<string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
}
