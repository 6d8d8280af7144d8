// @ts-check
/** Finds the line that the main thread is looping in, as written by the learner. */
import { Session } from 'node:inspector'
import { SourceMap } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const SAMPLES = 3
const SAMPLE_GAP_MS = 15
/** Code that runs no statement (a regular expression that backtracks for ever) cannot be paused. */
const PAUSE_MS = 1_500

/**
 * @typedef {{ functionName: string, location: { scriptId: string, lineNumber: number, columnNumber: number } }} Frame
 * @typedef {{ url: string, sourceMapURL?: string }} Script
 * @typedef {{ file: string, line: number, column: number }} Place
 */

/** @returns {Promise<Place | undefined>} undefined when no statement of the learner's could be caught running */
export async function findLoop() {
  const session = new Session()
  // A frame's own `url` is empty for ES modules.
  /** @type {Map<string, Script>} */
  const scripts = new Map()
  try {
    session.connectToMainThread()
    session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params))
    session.post('Debugger.enable')
    const samples = await sampleStacks(session, scripts)
    const frame = loopingFrame(samples)
    return frame === undefined ? undefined : originalPlace(frame, scripts)
  } catch {
    return undefined
  } finally {
    session.post('Debugger.disable')
    session.disconnect()
  }
}

/** @param {Session} session @param {Map<string, Script>} scripts @returns {Promise<Frame[][]>} */
async function sampleStacks(session, scripts) {
  /** @type {Frame[][]} */
  const samples = []
  for (let count = 0; count < SAMPLES; count++) {
    const frames = await pause(session)
    if (frames === undefined) break
    const own = frames.filter((frame) => isOwn(scripts.get(frame.location.scriptId)?.url ?? ''))
    if (own.length > 0) samples.push(own)
    await sleep(SAMPLE_GAP_MS)
  }
  return samples
}

/** @param {Session} session @returns {Promise<Frame[] | undefined>} */
function pause(session) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), PAUSE_MS)
    session.once('Debugger.paused', ({ params }) => {
      clearTimeout(timer)
      session.post('Debugger.resume')
      resolve(/** @type {any} */ (params.callFrames))
    })
    session.post('Debugger.pause')
  })
}

/** @param {string} url */
function isOwn(url) {
  return url.startsWith('file:') && !url.includes('/node_modules/') && !url.includes('/test/harness/')
}

/**
 * One stack shows where the loop is this moment: perhaps in a function that the loop calls. The innermost call
 * that all stacks share is the one that does not return. @param {Frame[][]} samples
 */
function loopingFrame(samples) {
  const [first, ...others] = samples.map((frames) => frames.toReversed())
  if (first === undefined) return undefined
  const isShared = (/** @type {Frame} */ frame, /** @type {number} */ depth) =>
    others.every((frames) => isSameFunction(frames[depth], frame))
  const firstOdd = first.findIndex((frame, depth) => !isShared(frame, depth))
  const depth = (firstOdd === -1 ? first.length : firstOdd) - 1
  const candidates = [first, ...others].flatMap((frames) => frames[depth] ?? [])
  return candidates.sort((one, other) => one.location.lineNumber - other.location.lineNumber)[0]
}

/** @param {Frame | undefined} one @param {Frame} other */
function isSameFunction(one, other) {
  return one?.functionName === other.functionName && one.location.scriptId === other.location.scriptId
}

/** @param {Frame} frame @param {Map<string, Script>} scripts @returns {Place | undefined} */
function originalPlace(frame, scripts) {
  const { lineNumber, columnNumber, scriptId } = frame.location
  const script = scripts.get(scriptId)
  if (script === undefined) return undefined
  const file = fileURLToPath(script.url.replace(/[?#].*$/, ''))
  const [, encoded] = /^data:application\/json[^,]*;base64,(.+)$/.exec(script.sourceMapURL ?? '') ?? []
  if (encoded === undefined) return { file, line: lineNumber + 1, column: columnNumber + 1 }
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')))
  const entry = /** @type {any} */ (map.findEntry(lineNumber, columnNumber))
  return { file, line: (entry.originalLine ?? lineNumber) + 1, column: (entry.originalColumn ?? columnNumber) + 1 }
}
