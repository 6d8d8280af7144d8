import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { BuildReport, Image, ImageOptions, ImageRunOptions, Problem, Program } from '../types/index.ts'
import { baseRoot } from './base.ts'
import { BuildProblem } from './build-problem.ts'
import { buildImage } from './build.ts'
import type { BuildOptions, BuiltImage } from './build.ts'
import { describeImage } from './describe-image.ts'
import { findEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import { createLayerCache } from './layer-cache.ts'
import { findPackages } from './npm/packages.ts'
import type { Room } from './rooms/room.ts'
import { bestRoom } from './rooms/tiers.ts'
import { runImage } from './run-image.ts'
import type { RunningImage } from './run-image.ts'

export interface ImageKitOptions {
  options: ImageOptions
  /** The judged file; its folder is what the image is built from. */
  file: string
  /** The workbook's folder. */
  root: string
  /** What the lab's programs are started with. */
  env: Readonly<Record<string, string>>
  signal: AbortSignal
}

/** A running image, ready or with what kept it from that. */
export interface StartedImage extends RunningImage {
  problem: Problem | null
}

/** The image of one run: built once, when it is first asked for, and run as often as checks ask. */
export interface ImageKit {
  report(): Promise<BuildReport>
  /** All but `run`, which belongs to a check. @throws BuildProblem */
  image(): Promise<Omit<Image, 'run'>>
  start(options: ImageRunOptions): Promise<StartedImage>
  end(program: Program): Promise<void>
  /** Which tier ran, and what it cannot see; nothing when nothing was run. */
  remarks(): string[]
  /** Ends all that runs. */
  close(): Promise<void>
}

/** No network reaches a program that is tried out. */
const LOOPBACK = '127.0.0.1'

export function createImageKit({ options, file, root, env, signal }: ImageKitOptions): ImageKit {
  const cacheFolder = join(root, '.workbook', 'cache', 'container')
  const shared = new Map<string, Promise<StartedImage>>()
  const running = new Map<Program, RunningImage>()
  let building: Promise<BuiltImage> | undefined
  let isClosed = false
  let hasRun = false
  const base = lazy(() => baseRoot(cacheFolder))
  const room = lazy((): Room => bestRoom(base()))
  const engine = lazy(async (): Promise<Engine | undefined> => {
    const root = base()
    return root && findEngine(root, cacheFolder)
  })
  const build = lazy((): BuildOptions => ({
    context: { folder: dirname(file), planted: options.planted },
    packages: findPackages(root, join(root, options.packages)),
    base: process.version,
    cache: createLayerCache(join(cacheFolder, 'layers')),
    signal,
  }))

  const built = (): Promise<BuiltImage> => (building ??= buildImage(build()))

  async function start(wanted: ImageRunOptions): Promise<StartedImage> {
    if (wanted.own === true) return startOne(wanted)
    const key = JSON.stringify([wanted.env ?? {}, wanted.readOnly, wanted.inEngine])
    let one = shared.get(key)
    if (one === undefined) {
      one = startOne(wanted)
      shared.set(key, one)
    }
    return one
  }

  async function startOne(wanted: ImageRunOptions): Promise<StartedImage> {
    const image = await built()
    const all = { ...env, HOST: LOOPBACK, ...wanted.env }
    const one = await runImage({
      image,
      enter: async (request) => (wanted.inEngine === true ? engineOf(await engine()).enter(request) : room().enter(request)),
      env: all,
      isReadOnly: wanted.readOnly === true,
      scratchFolder: room().isWholeRoot ? join(cacheFolder, 'run') : tmpdir(),
    })
    hasRun = true
    running.set(one.program, one)
    if (isClosed) await end(one.program)
    return { ...one, problem: await one.program.ready() }
  }

  async function end(program: Program): Promise<void> {
    const one = running.get(program)
    if (one === undefined) return
    running.delete(program)
    await program.stop()
    await one.cleanUp()
  }

  return {
    async report() {
      try {
        return { ran: (await built()).ran }
      } catch (error) {
        if (error instanceof BuildProblem) return { problem: error.message, ran: [] }
        throw error
      }
    },
    async image() {
      return describeImage({ image: await built(), build: build(), room: room(), base: base(), engine: async () => (await engine())?.name, rootOf: (program) => running.get(program)?.root })
    },
    start,
    end,
    remarks: () => (hasRun ? [`The image ran in the tier ${room().name}, which cannot see ${room().cannotSee}.`] : []),
    async close() {
      isClosed = true
      await Promise.all([...running.keys()].map(end))
    },
  }
}

function engineOf(engine: Engine | undefined): Engine {
  if (engine === undefined) throw new Error('An image was to run in an engine where none works')
  return engine
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
