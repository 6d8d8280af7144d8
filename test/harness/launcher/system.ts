/**
 * What the system tells about processes and ports. Linux tells all of it through /proc; macOS some through `ps`
 * and `lsof`; elsewhere the answers are empty, and a diagnosis says less.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { MARK_VARIABLE } from './environment.ts'

const HAS_PROC = process.platform === 'linux'
const LISTENING = '0A'

export interface PortHolder {
  pid: number
  name: string
}

export interface ListeningSocket {
  port: number
  /** As the kernel writes it: hexadecimal, `00000000` or 32 zeros for every address. */
  address: string
  inode: string
}

/**
 * Processes that were seen below another one: number and, because numbers are given out again, the time of the start.
 * Only while its parent lives does the tree tell of a child that left the group and wiped its environment.
 */
export type Family = Map<number, number>

/** Adds the processes below one to those seen before; none where that cannot be told. */
export function noteFamily(pid: number, family: Family): void {
  if (!HAS_PROC || pid === 0) return
  for (const each of descendants(pid)) {
    if (each !== pid && !family.has(each)) family.set(each, startedTicks(each))
  }
}

/**
 * Living processes that belong to a program: members of its group, those that carry its mark although they
 * left the group, and its family as it was seen before. The environment is read of processes that began after the
 * program alone, which keeps it cheap.
 */
export async function processesOf(group: number, mark: string, since = 0, family: Family = new Map()): Promise<number[]> {
  if (!HAS_PROC) return (await listByPs()).filter((found) => found.group === group).map((found) => found.pid)
  return numbered('/proc').filter((pid) => {
    const stat = readStat(pid)
    if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return false
    if (stat.group === group || family.get(pid) === stat.startedTicks) return true
    return stat.startedTicks >= since && carriesMark(pid, mark)
  })
}

/** When a process began, in the kernel's clock ticks; 0 where that cannot be told. */
export function startedTicks(pid: number): number {
  return HAS_PROC ? (readStat(pid)?.startedTicks ?? 0) : 0
}

/** True when the process is known to have ended although its end has not been collected yet. */
export function isEnding(pid: number): boolean {
  if (!HAS_PROC) return false
  const stat = readStat(pid)
  return stat === undefined || stat.state === 'Z' || stat.state === 'X'
}

/**
 * How long the threads of a process and of its descendants, taken together, stood ready and got no processor;
 * 0 where that cannot be told.
 * @see the kernel's Documentation/scheduler/sched-stats.rst: the second number of `schedstat`, in nanoseconds
 */
export function processorWaitMs(pid: number): number {
  if (!HAS_PROC || pid === 0) return 0
  const threads = descendants(pid).flatMap((each) => numbered(`/proc/${each}/task`).map((thread) => `/proc/${each}/task/${thread}`))
  return threads.reduce((sum, thread) => sum + Number(readText(`${thread}/schedstat`).split(' ')[1] ?? 0), 0) / 1e6
}

/** Resident memory of a process and its descendants, in bytes. Shared pages count for each. */
export async function treeMemoryBytes(pid: number): Promise<number> {
  if (HAS_PROC) return descendants(pid).reduce((sum, each) => sum + residentBytes(each), 0)
  const members = (await listByPs()).filter((found) => found.group === pid)
  return members.reduce((sum, found) => sum + found.memoryBytes, 0)
}

/** Who listens on a local port, where the system tells. */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  if (!HAS_PROC) return holderByLsof(port)
  const inodes = new Set(listeningSockets().filter((socket) => socket.port === port).map((socket) => socket.inode))
  const pid = numbered('/proc').find((each) => socketsOf(each).some((inode) => inodes.has(inode)))
  return pid === undefined ? undefined : { pid, name: commandOf(pid) }
}

/** The ports that these processes listen on. Linux only. */
export function listeningPorts(pids: readonly number[]): ListeningSocket[] {
  if (!HAS_PROC) return []
  const inodes = new Set(pids.flatMap(socketsOf))
  return listeningSockets().filter((socket) => inodes.has(socket.inode))
}

interface Stat {
  state: string
  group: number
  startedTicks: number
}

/** @see proc_pid_stat(5): the name in parentheses may hold anything, so fields are counted after the last one. */
function readStat(pid: number): Stat | undefined {
  const text = readText(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields.length < 22) return undefined
  return { state: fields[0] ?? '', group: Number(fields[2]), startedTicks: Number(fields[19]) }
}

/** In kilobytes there: the size of a page differs between machines. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`))?.[1] ?? 0) * 1_024
}

function carriesMark(pid: number, mark: string): boolean {
  return readText(`/proc/${pid}/environ`).includes(`${MARK_VARIABLE}=${mark}`)
}

function descendants(pid: number): number[] {
  const children = numbered(`/proc/${pid}/task`).flatMap((thread) =>
    readText(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(descendants)]
}

function listeningSockets(): ListeningSocket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readText(file).split('\n').slice(1).flatMap((line) => {
      const fields = line.trim().split(/\s+/)
      const [address = '', port = ''] = (fields[1] ?? '').split(':')
      return fields[3] === LISTENING ? [{ port: parseInt(port, 16), address, inode: fields[9] ?? '' }] : []
    }),
  )
}

function socketsOf(pid: number): string[] {
  return numbered(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      return []
    }
  })
}

function commandOf(pid: number): string {
  const words = readText(`/proc/${pid}/cmdline`).split('\0').filter(Boolean)
  return words.length > 0 ? words.join(' ').slice(0, 200) : readText(`/proc/${pid}/comm`).trim()
}

function numbered(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

/** Empty for what has gone or belongs to somebody else. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

async function listByPs(): Promise<{ pid: number; group: number; memoryBytes: number }[]> {
  if (process.platform === 'win32') return []
  const text = await run('ps', ['-A', '-o', 'pid=,pgid=,rss=,stat='])
  return text.split('\n').flatMap((line) => {
    const [pid, group, kilobytes, state = ''] = line.trim().split(/\s+/)
    if (pid === undefined || pid === '' || state.startsWith('Z')) return []
    return [{ pid: Number(pid), group: Number(group), memoryBytes: Number(kilobytes) * 1_024 }]
  })
}

async function holderByLsof(port: number): Promise<PortHolder | undefined> {
  if (process.platform === 'win32') return undefined
  const text = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'])
  const [, pid] = /^p(\d+)$/m.exec(text) ?? []
  const [, name] = /^c(.+)$/m.exec(text) ?? []
  return pid === undefined ? undefined : { pid: Number(pid), name: name ?? 'another program' }
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 1_000 }, (_error, stdout) => resolve(stdout))
  })
}
