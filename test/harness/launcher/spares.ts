import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Bounds, StartRequest } from '../types/index.ts'
import { sendOrder, startNode } from './attempt.ts'
import { endNow } from './ending.ts'
import type { GroupProcess } from './process.ts'

/** Processes that have paid for their start and wait to be told what to run. */
export interface Spares {
  /** Keeps `count` waiting for this request. */
  prepare(request: StartRequest, count: number): void
  /** One that waits, or is about to; undefined when there is none. A new one starts after {@link replenish}. */
  take(request: StartRequest): GroupProcess | undefined
  /** Starts what is missing, now that the run is quiet. */
  replenish(): void
  close(): Promise<void>
}

interface Shelf {
  file: string
  request: StartRequest
  count: number
  waiting: GroupProcess[]
  /** Spares that died by themselves since one was taken: a shelf that cannot be filled is left alone. */
  failures: number
}

/** A run that takes a spare is left the processor until its programs have stopped, or for so long. */
const REPLENISH_MS = 3_000
const MAX_FAILURES = 3

export function createSpares(bounds: Bounds): Spares {
  const shelves = new Map<string, Shelf>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  function fill(shelf: Shelf): void {
    while (!isClosed && shelf.waiting.length < shelf.count && shelf.failures < MAX_FAILURES) {
      const spare = startSpare(shelf.file, shelf.request, bounds)
      shelf.waiting.push(spare)
      void spare.ended.then(() => {
        if (remove(shelf.waiting, spare)) shelf.failures++
      })
    }
    for (const spare of shelf.waiting.splice(shelf.count)) void endNow(spare)
  }

  function replenish(): void {
    clearTimeout(timer)
    timer = undefined
    for (const shelf of shelves.values()) fill(shelf)
  }

  return {
    prepare(request, count) {
      if (request.target.kind !== 'file' || isClosed) return
      const key = keyOf(request)
      const shelf = shelves.get(key) ?? { file: request.target.file, request, count, waiting: [], failures: 0 }
      Object.assign(shelf, { count, failures: 0 })
      shelves.set(key, shelf)
      fill(shelf)
      if (count === 0) shelves.delete(key)
    },
    take(request) {
      const shelf = shelves.get(keyOf(request))
      const spare = shelf?.waiting.shift()
      if (shelf !== undefined) shelf.failures = 0
      timer ??= setTimeout(replenish, REPLENISH_MS).unref()
      spare?.keepAlive(true)
      return spare
    },
    replenish,
    async close() {
      isClosed = true
      clearTimeout(timer)
      const all = [...shelves.values()].flatMap((shelf) => shelf.waiting.splice(0))
      shelves.clear()
      await Promise.all(all.map(endNow))
    },
  }
}

/** The environment is not part of it: the process gets it when it is told to go. */
function keyOf({ target, cwd, preload }: StartRequest): string {
  return JSON.stringify([target, cwd, preload])
}

function startSpare(file: string, request: StartRequest, bounds: Bounds): GroupProcess {
  const spare = startNode(file, request.cwd, bounds)
  spare.keepAlive(false)
  sendPackages(spare, request.preload)
  return spare
}

/**
 * tsx starts its compiler with the first file that it has not seen before, so the spare imports one that nobody
 * has seen.
 */
function sendPackages(spare: GroupProcess, packages: readonly string[]): void {
  const name = `harbour-radio-${randomBytes(8).toString('hex')}`
  const file = join(tmpdir(), `${name}.mts`)
  writeFileSync(file, `export const warm: string = '${name}'\n`)
  sendOrder(spare, packages, pathToFileURL(file).href)
  const removeFile = (): void => rmSync(file, { force: true })
  spare.onReport((report) => report.type === 'waiting' && removeFile())
  void spare.ended.then(removeFile)
}

function remove<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}
