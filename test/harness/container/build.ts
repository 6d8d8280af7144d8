import { createHash } from 'node:crypto'
import { perform } from './actions.ts'
import { BASE_TREE } from './base-folders.ts'
import { readContext } from './context.ts'
import type { ContextOptions } from './context.ts'
import { parseDockerfile } from './dockerfile.ts'
import type { Line } from './dockerfile.ts'
import type { LayerCache } from './layer-cache.ts'
import type { Published } from './npm/packages.ts'
import { startRegistry } from './npm/registry.ts'
import type { Registry } from './npm/registry.ts'
import { planBuild, stateOf } from './plan.ts'
import type { ImageState } from './image-state.ts'
import type { PlannedStage } from './plan.ts'
import { packLayer, unpackLayer } from './tar.ts'
import { applyChanges } from './tree.ts'
import type { Changes, Tree } from './tree.ts'

/** One layer of an image, above the base image. */
export interface Layer {
  line: Line
  changes: Changes
  archive: Buffer
  /** `sha256:…` of the archive, which is not compressed: the same for engine and configuration. */
  digest: string
}

/** A line of the history; one without a layer changed the configuration alone. */
export interface HistoryLine {
  text: string
  layer?: Layer
}

export interface BuiltImage {
  state: ImageState
  /** Of the last stage and of what it is built on, lowest first, above the base image. */
  layers: readonly Layer[]
  history: readonly HistoryLine[]
  /** All layers applied, on the folders of the base image. */
  tree: Tree
  /** Lines that had to be run, of all stages. */
  ran: readonly string[]
}

export interface BuildOptions {
  context: ContextOptions
  packages: readonly Published[]
  /** Tells base images apart. */
  base: string
  cache: LayerCache
  signal: AbortSignal
}

/**
 * Builds the image that a folder's Dockerfile describes. A line whose key is known is not run again.
 * @throws BuildProblem when the learner's files do not allow it; the signal's reason when cancelled
 */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { registry, close } = lazyRegistry(options.packages)
  try {
    return await buildStages(planFor(options), options, registry)
  } finally {
    await close()
  }
}

/** What `changed` would make of the image: for each line that runs npm, whether a build after {@link buildImage} would run it again. */
export function npmRunsAgain(options: BuildOptions, changed: Readonly<Record<string, string>>): { text: string; runsAgain: boolean }[] {
  const known = new Set(planFor(options).flatMap(({ lines }) => lines.map(({ key }) => key)))
  const after = planFor({ ...options, context: { ...options.context, changed } })
  return after.flatMap(({ lines }) => lines).filter((planned) => planned.runsNpm).map(({ line, key }) => {
    return { text: `line ${String(line.line)}, ${line.text}`, runsAgain: !known.has(key) }
  })
}

function planFor({ context, packages, base }: BuildOptions): PlannedStage[] {
  const read = readContext(context)
  return planBuild(parseDockerfile(read.dockerfile), read, JSON.stringify([base, groundOf(packages)]))
}

/** Engines build only the stages that the last one needs. Here all are built: a mistake in any is told. */
async function buildStages(stages: readonly PlannedStage[], { cache, signal }: BuildOptions, registry: () => Promise<string>): Promise<BuiltImage> {
  const built: (Pick<BuiltImage, 'layers' | 'history' | 'tree'>)[] = []
  const ran: string[] = []
  for (const stage of stages) {
    const below = built[stage.parent ?? -1] ?? { layers: [], history: [], tree: BASE_TREE }
    let { tree } = below
    const layers = [...below.layers]
    const history = [...below.history]
    for (const planned of stage.lines) {
      signal.throwIfAborted()
      if (planned.action === undefined) {
        history.push({ text: planned.line.text })
        continue
      }
      let archive = cache.read(planned.key)
      let changes = archive === undefined ? undefined : await unpackLayer(archive)
      if (archive === undefined || changes === undefined) {
        changes = await perform(planned, tree, built.map((one) => one.tree), { registry, signal })
        archive = await packLayer(changes)
        ran.push(planned.line.text)
        // What a COPY makes is sooner made than read; what npm brings is not.
        if (planned.action.kind === 'run') cache.write(planned.key, archive)
      }
      const layer: Layer = { line: planned.line, changes, archive, digest: digestOf(archive) }
      tree = applyChanges(tree, changes)
      layers.push(layer)
      history.push({ text: planned.line.text, layer })
    }
    built.push({ layers, history, tree })
  }
  const last = stages.at(-1)
  const image = built.at(-1)
  if (last === undefined || image === undefined) throw new Error('A recipe without a stage was parsed')
  return { state: stateOf(last), ...image, ran }
}

/** Most builds find every line in the cache, and then no npm asks for a package. */
function lazyRegistry(packages: readonly Published[]): { registry: () => Promise<string>; close: () => Promise<void> } {
  let started: Promise<Registry> | undefined
  return {
    async registry() {
      started ??= startRegistry(packages)
      return (await started).url
    },
    async close() {
      await (await started)?.close()
    },
  }
}

/** What a RUN line can bring in from outside the folder: another registry makes other layers. */
function groundOf(packages: readonly Published[]): string {
  const hash = createHash('sha256')
  for (const { name, version } of packages) hash.update(`${name}@${version}\n`)
  return `${hash.digest('hex')} ${process.platform}-${process.arch}`
}

function digestOf(archive: Buffer): string {
  return `sha256:${createHash('sha256').update(archive).digest('hex')}`
}
