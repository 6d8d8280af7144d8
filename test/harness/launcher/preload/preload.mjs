// @ts-check
/**
 * Runs in a learner's process before the learner's file, and tells the launcher over file descriptor 3 what
 * the outside cannot see. It waits here until the launcher says go: that is what makes a warm spare. A cold
 * start runs the same lines without the wait, so that a program cannot tell one from the other.
 *
 * Plain JavaScript, so that it costs no transform. Nothing here may change what a program sees: no global, no
 * patched method, no listener that alters what happens.
 */
import { read } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { CHANNEL, createReport, identifyChannel } from './channel.mjs'

/** The launcher sets it; a child of the learner's program inherits `--import` but not this variable. */
const CHANNEL_VARIABLE = 'HARBOUR_RADIO_CHANNEL'

if (isMainThread && process.env[CHANNEL_VARIABLE] !== undefined) await begin()

async function begin() {
  delete process.env[CHANNEL_VARIABLE]
  forgetPreload()
  const { startWatching } = await import('./watching.mjs')
  const channel = identifyChannel()
  const report = createReport(channel)
  const lines = readLines()
  const order = await nextLine(lines)
  const watching = startWatching(report, channel, order.parent)
  await preload(order.packages, order.warmUpFile)
  if (order.warmUpFile !== undefined) report({ type: 'waiting' })
  const go = await nextLine(lines)
  await watching.ready
  setEnvironment(go.env)
  watching.go(go)
}

/** A `fork()` of the learner's program repeats `process.execArgv`; descriptor 3 means something else there. */
function forgetPreload() {
  const at = process.execArgv.findIndex((argument) => argument === import.meta.url)
  if (at > 0) process.execArgv.splice(at - 1, 2)
}

/**
 * What every save would otherwise pay for: the packages, and tsx's compiler, which starts with the first file
 * it has to transform. A package that fails to load here fails again, and visibly, in the learner's program.
 * @param {string[]} packages @param {string | undefined} warmUpFile
 */
async function preload(packages, warmUpFile) {
  const wanted = warmUpFile === undefined ? packages : [warmUpFile, ...packages]
  for (const name of wanted) await import(name).catch(() => undefined)
}

/** @param {Record<string, string>} environment */
function setEnvironment(environment) {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, environment)
}

/** @returns {AsyncGenerator<string, void>} */
async function* readLines() {
  const buffer = Buffer.alloc(65_536)
  let text = ''
  for (;;) {
    const end = text.indexOf('\n')
    if (end >= 0) {
      yield text.slice(0, end)
      text = text.slice(end + 1)
      continue
    }
    const length = await new Promise((resolve) => {
      read(CHANNEL, buffer, 0, buffer.length, null, (error, bytes) => resolve(error === null ? bytes : 0))
    })
    if (length === 0) return
    text += buffer.toString('utf8', 0, length)
  }
}

/** The end of the channel means that the launcher has gone. @param {AsyncGenerator<string, void>} lines */
async function nextLine(lines) {
  const line = await lines.next()
  if (line.done) process.kill(process.pid, 'SIGKILL')
  return JSON.parse(/** @type {string} */ (line.value))
}
