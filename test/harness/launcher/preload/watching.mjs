// @ts-check
/** Observes the learner's program from inside: what it listens on, what it dies of, whether its loop turns. */
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'

const HEARTBEAT_MS = 50
/** Only an open server is left for so long: nothing but a request can make the program do anything more. */
const IDLE_MS = 400
const LOOPBACK = '127.0.0.1'
const EVERY_ADDRESS = new Set([undefined, null, '', '0.0.0.0', '::'])
// Taken now: a program may replace the global ones.
const { setInterval, clearInterval, Error, String } = globalThis
const { add, store } = Atomics

/**
 * @typedef {(message: object) => void} Report
 * @typedef {{ env: Record<string, string>, port: number, memoryBytes: number, everyAddress?: boolean }} Go
 */

/** @param {Report} report @param {string | undefined} channel which pipe it goes to @param {number} parent the launcher's process */
export function startWatching(report, channel, parent) {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const watchdog = startWatchdog(shared, channel, parent)
  return {
    /** Resolves once the watchdog watches, or never will: a program that leaves its folder at once must not keep it from starting. */
    ready: Promise.race(['online', 'error', 'exit'].map((name) => once(watchdog, name).catch(() => undefined))),
    /** @param {Go} go */
    go(go) {
      watchListening(report, go.port, go.everyAddress === true)
      watchEnd(report)
      watchdog.postMessage({ memoryBytes: go.memoryBytes })
      store(shared, 1, 1)
      setInterval(() => add(shared, 0, 1), HEARTBEAT_MS).unref()
    },
  }
}

/** @param {Int32Array} shared @param {string | undefined} channel @param {number} parent */
function startWatchdog(shared, channel, parent) {
  const worker = new Worker(new URL('./watchdog.mjs', import.meta.url), {
    execArgv: [],
    // The pid as the launcher tells it: its process may have gone before this one could ask for its parent.
    workerData: { shared, channel, parent },
  })
  // A watchdog that fails must not take the learner's program with it.
  worker.on('error', () => undefined)
  // Until it is there, it keeps the process alive: somebody waits for it.
  worker.once('online', () => worker.unref())
  return worker
}

/**
 * What a program has replaced may make a listener here throw. Then less is known, and nothing else happens: an
 * error in the middle of the program's end would change its exit code.
 * @template T @param {() => T} look @param {() => T} instead
 */
function safely(look, instead) {
  try {
    return look()
  } catch {
    return instead()
  }
}

/** @param {Report} report @param {number} port @param {boolean} everyAddress */
function watchListening(report, port, everyAddress) {
  /** @type {WeakMap<object, Error>} */
  const calls = new WeakMap()
  let asksIdle = false
  subscribe('tracing:net.server.listen:asyncStart', (message) => {
    const { server } = /** @type {any} */ (message)
    safely(() => void calls.set(server, callSite()), () => undefined)
    if (!everyAddress) stayOnLoopback(server)
  })
  subscribe('tracing:net.server.listen:asyncEnd', (message) => {
    const { server } = /** @type {any} */ (message)
    const at = server.address()
    const isRight = at !== null && at.port === port && at.address === LOOPBACK
    const where = typeof at === 'string' ? { path: at } : { port: at?.port, address: at?.address }
    report({ type: 'listening', ...where, stack: isRight ? undefined : calls.get(server)?.stack })
    if (!isRight && !asksIdle) watchIdle(report)
    asksIdle ||= !isRight
  })
  subscribe('tracing:net.server.listen:error', (message) => {
    const { server, error } = /** @type {any} */ (message)
    const { code, port: wanted, address } = error
    report({ type: 'listen-error', code, port: wanted, address, stack: calls.get(server)?.stack })
  })
}

/**
 * Binds to loopback what asks for every address: nobody on the network gets to talk to a half-written program,
 * and no firewall asks. Setting `options.host` would do, but makes `listen` resolve the name first, so that
 * `server.address()` right after `listen()` is null where the program would have had it.
 * @param {any} server
 */
function stayOnLoopback(server) {
  const listen = server._listen2
  if (typeof listen !== 'function' || Object.hasOwn(server, '_listen2')) return
  /** @this {any} @param {any} address @param {any} port @param {any} addressType @param {any[]} rest */
  const onLoopback = function (address, port, addressType, ...rest) {
    delete server._listen2
    const isPort = typeof port === 'number' && port >= 0 && rest[1] === undefined
    if (!isPort || !EVERY_ADDRESS.has(address)) return listen.call(server, address, port, addressType, ...rest)
    return listen.call(server, LOOPBACK, port, 4, ...rest)
  }
  Object.defineProperty(server, '_listen2', { value: onLoopback, configurable: true, writable: true, enumerable: false })
}

/**
 * A program that listens in the wrong place may still open the right port later. When nothing but servers keeps
 * it alive it will not, and waiting for it would only make the learner wait. @param {Report} report
 */
function watchIdle(report) {
  let idleMs = 0
  const timer = setInterval(() => {
    idleMs = hasWorkLeft() ? 0 : idleMs + HEARTBEAT_MS
    if (idleMs < IDLE_MS) return
    clearInterval(timer)
    report({ type: 'idle' })
  }, HEARTBEAT_MS)
  timer.unref()
}

function hasWorkLeft() {
  const isQuiet = (/** @type {string} */ type) => type === 'TCPServerWrap' || type === 'PipeWrap' || type === 'TTYWrap'
  // A native addon's handles are not in the list.
  return !process.getActiveResourcesInfo().every(isQuiet) || usesAddon()
}

function usesAddon() {
  const { cache } = createRequire(import.meta.url)
  return Object.keys(cache).some((file) => file.endsWith('.node'))
}

/** @param {Report} report */
function watchEnd(report) {
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    const told = safely(() => describe(error), () => ({ name: 'error', message: 'no more is known of it', stack: '' }))
    report({ type: 'uncaught', origin, ...told })
  })
  process.on('exit', (code) => {
    const stack = safely(() => callSite().stack ?? '', () => '')
    const isCalled = safely(() => /at (process\.)?exit \(node:internal/.test(stack), () => false)
    report(isCalled ? { type: 'exit-called', code, stack } : { type: 'exit', code })
  })
}

/** @param {any} error */
function describe(error) {
  if (!(error instanceof Error)) return { name: typeof error, message: inspect(error).slice(0, 2_000), stack: '' }
  const { code, url } = /** @type {any} */ (error)
  return {
    name: error.name,
    message: String(error.message).slice(0, 4_000),
    code: typeof code === 'string' ? code : undefined,
    url: typeof url === 'string' ? url : undefined,
    stack: String(error.stack).slice(0, 8_000),
  }
}

/** An error made for its stack. It is read, and mapped to the learner's lines, only when it is needed. */
function callSite() {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 30
  const error = new Error('here')
  Error.stackTraceLimit = limit
  return error
}
