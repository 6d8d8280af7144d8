// @ts-check
/**
 * A thread beside the learner's program. It sees what the program's own thread cannot tell when it is stuck:
 * an endless loop and its line, too much memory, a launcher that has gone.
 */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { createReport } from './channel.mjs'
import { findLoop } from './find-loop.mjs'

const TICK_MS = 100
const STALL_MS = 1_000
/** Half a stall: on a machine with ten busy processes a loop gets a fifth of a processor. */
const THREAD_BURNT_MS = 500
/** Where the thread's own CPU time cannot be had, the whole process must have burnt this, and this share of the stall. */
const PROCESS_BURNT_MS = 1_000
const BUSY_SHARE = 0.8

const { shared, channel, parent } = /** @type {{ shared: Int32Array, channel: string | undefined, parent: number }} */ (
  workerData
)
const report = createReport(channel)
let memoryBytes = Infinity
/** @type {{ count: number, at: number, cpuMs: number } | undefined} */
let beat
/** @type {'turning' | 'looking' | 'blocked'} */
let state = 'turning'

parentPort?.on('message', (message) => {
  memoryBytes = message.memoryBytes
})
parentPort?.unref()
setInterval(tick, TICK_MS)

function tick() {
  if (isOrphan()) endGroup()
  if (Atomics.load(shared, 1) === 0) return
  const bytes = process.memoryUsage.rss()
  if (bytes > memoryBytes) {
    report({ type: 'memory', bytes })
    endGroup()
  }
  watchLoop()
}

function watchLoop() {
  const count = Atomics.load(shared, 0)
  if (beat === undefined || count !== beat.count) {
    beat = { count, at: performance.now(), cpuMs: burntMs() }
    if (state === 'blocked') report({ type: 'unblocked' })
    if (state !== 'looking') state = 'turning'
  } else if (state === 'turning' && isBurning(beat)) {
    state = 'looking'
    void look(count)
  }
}

/**
 * Wall-clock time alone would accuse a program on a busy machine, or one that waits for a child.
 * @param {{ at: number, cpuMs: number }} since
 */
function isBurning(since) {
  const stallMs = performance.now() - since.at
  if (stallMs < STALL_MS) return false
  const burnt = burntMs() - since.cpuMs
  return hasThreadTime ? burnt >= THREAD_BURNT_MS : burnt >= Math.max(PROCESS_BURNT_MS, BUSY_SHARE * stallMs)
}

/** @param {number} count */
async function look(count) {
  const place = await findLoop()
  if (Atomics.load(shared, 0) !== count) {
    state = 'turning'
    return
  }
  state = 'blocked'
  report({ type: 'blocked', ...place, forMs: beat === undefined ? 0 : performance.now() - beat.at })
}

/** Linux tells the CPU time of the main thread alone; elsewhere the whole process's has to do. */
const THREAD_TIME = `/proc/self/task/${process.pid}/schedstat`
const hasThreadTime = readThreadMs() !== undefined

function burntMs() {
  const { user, system } = process.cpuUsage()
  return (hasThreadTime ? readThreadMs() : undefined) ?? (user + system) / 1_000
}

function readThreadMs() {
  try {
    const nanoseconds = Number(readFileSync(THREAD_TIME, 'utf8').split(' ')[0])
    return nanoseconds > 0 ? nanoseconds / 1e6 : undefined
  } catch {
    return undefined
  }
}

function isOrphan() {
  if (process.ppid !== parent) return true
  if (process.platform !== 'win32') return false
  try {
    process.kill(parent, 0)
    return false
  } catch {
    return true
  }
}

/** On POSIX, 0 means the sender's own process group: the program and its children. */
function endGroup() {
  process.kill(process.platform === 'win32' ? process.pid : 0, 'SIGKILL')
}
