import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { BuildReport, Image, ImageOptions, ImageRunOptions, Problem, Program } from '../types/index.ts'
import { baseRoot } from './base.ts'
import type { BaseRoot } from './base.ts'
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
import { sweepRuns } from './sweep.ts'

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

/** No network reaches a program that is tried out. */
const LOOPBACK = '127.0.0.1'

/** The image of one run: built once, when it is first asked for, and run as often as checks ask. */
export class ImageKit {
  readonly #options: ImageKitOptions
  readonly #cacheFolder: string
  readonly #shared = new Map<string, Promise<StartedImage>>()
  readonly #running = new Map<Program, RunningImage>()
  readonly #base: () => BaseRoot | undefined
  readonly #room: () => Room
  readonly #engine: () => Promise<Engine | undefined>
  readonly #build: () => BuildOptions
  readonly #built: () => Promise<BuiltImage>
  #hasRun = false
  #isClosed = false

  constructor(options: ImageKitOptions) {
    this.#options = options
    this.#cacheFolder = join(options.root, '.workbook', 'cache', 'container')
    this.#base = lazy(() => baseRoot(this.#cacheFolder))
    this.#room = lazy(() => bestRoom(this.#base()))
    this.#engine = lazy(() => this.#askForEngine())
    this.#build = lazy(() => this.#buildOptions())
    this.#built = lazy(() => buildImage(this.#build()))
    sweepRuns(this.#runFolder)
  }

  async report(): Promise<BuildReport> {
    try {
      return { ran: (await this.#built()).ran }
    } catch (error) {
      if (error instanceof BuildProblem) return { problem: error.message, ran: [] }
      throw error
    }
  }

  /** All but `run`, which belongs to a check. @throws BuildProblem */
  async image(): Promise<Omit<Image, 'run'>> {
    return describeImage({
      image: await this.#built(),
      build: this.#build(),
      room: this.#room(),
      base: this.#base(),
      engine: async () => (await this.#engine())?.name,
      rootOf: (program) => this.#running.get(program)?.root,
    })
  }

  /** Starts the image, or gives the one that runs already for all who want the same. */
  async start(wanted: ImageRunOptions): Promise<StartedImage> {
    if (wanted.own === true) return this.#startOne(wanted)
    const key = JSON.stringify([wanted.env ?? {}, wanted.readOnly, wanted.inEngine])
    let one = this.#shared.get(key)
    if (one === undefined) {
      one = this.#startOne(wanted)
      this.#shared.set(key, one)
    }
    return one
  }

  async end(program: Program): Promise<void> {
    const one = this.#running.get(program)
    if (one === undefined) return
    this.#running.delete(program)
    await program.stop()
    await one.cleanUp()
  }

  /** Which tier ran, and what it cannot see; nothing when nothing was run. */
  remarks(): string[] {
    return this.#hasRun ? [`The image ran in the tier ${this.#room().name}, which cannot see ${this.#room().cannotSee}.`] : []
  }

  /** Ends all that runs. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#running.keys()].map((program) => this.end(program)))
  }

  get #runFolder(): string {
    return join(this.#cacheFolder, 'run')
  }

  async #startOne(wanted: ImageRunOptions): Promise<StartedImage> {
    const room = this.#room()
    const one = await runImage({
      image: await this.#built(),
      enter: async (request) => (wanted.inEngine === true ? (await this.#someEngine()).enter(request) : room.enter(request)),
      env: definedOf({ ...this.#options.env, HOST: LOOPBACK, ...wanted.env }),
      isReadOnly: wanted.readOnly === true,
      // Beside the base image, so that its files can be linked; a clean folder is outside the workbook.
      scratchFolder: room.isWholeRoot ? this.#runFolder : tmpdir(),
    })
    this.#hasRun = true
    this.#running.set(one.program, one)
    if (this.#isClosed) await this.end(one.program)
    return { ...one, problem: await one.program.ready() }
  }

  #buildOptions(): BuildOptions {
    const { options, file, root, signal } = this.#options
    return {
      context: { folder: dirname(file), planted: options.planted },
      packages: findPackages(root, join(root, options.packages)),
      base: process.version,
      cache: createLayerCache(join(this.#cacheFolder, 'layers')),
      signal,
    }
  }

  async #askForEngine(): Promise<Engine | undefined> {
    const base = this.#base()
    return base && findEngine(base, this.#cacheFolder)
  }

  async #someEngine(): Promise<Engine> {
    const engine = await this.#engine()
    if (engine === undefined) throw new Error('An image was to run in an engine where none works')
    return engine
  }
}

function definedOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
