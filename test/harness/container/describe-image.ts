import type { Copy, Image, ImageFinding, Program } from '../types/index.ts'
import type { BaseRoot } from './base.ts'
import { npmRunsAgain } from './build.ts'
import type { BuildOptions, BuiltImage } from './build.ts'
import { BASE_TREE } from './base-folders.ts'
import { readContext } from './context.ts'
import type { Line } from './dockerfile.ts'
import { parseDockerfile } from './dockerfile.ts'
import { writeLayout } from './layout.ts'
import { writtenInto } from './rooms/clean-dir.ts'
import type { Room } from './rooms/room.ts'
import { isWithin, keyOf } from './tree.ts'
import type { Entry } from './tree.ts'
import { ownerOf } from './users.ts'

export interface Described {
  image: BuiltImage
  build: BuildOptions
  room: Room
  base: BaseRoot | undefined
  engine(): Promise<string | undefined>
  rootOf(program: Program): string | undefined
}

/** An image as checks see it. */
export function describeImage({ image, build, room, base, engine, rootOf }: Described): Omit<Image, 'run'> {
  const { user, env } = image.state
  const context = readContext(build.context)
  return {
    tier: room.name,
    isWholeRoot: room.isWholeRoot,
    engine,
    user,
    uid: ownerOf(user === '' ? 'root' : user).uid,
    env,
    variables: variablesOf(context.dockerfile),
    paths: [...image.tree.keys()].filter((path) => !BASE_TREE.has(path)),
    unreadable: unreadableBy(user, image),
    devPackages: devPackagesOf(context.read('package-lock.json')),
    versionAt: (path) => versionIn(image.tree.get(path)),
    source: (path) => context.read(path),
    findingsOf: (text) => findings(image, text),
    npmRunsAgain: (changed) => npmRunsAgain(build, changed),
    written(copy: Copy) {
      const root = rootOf(copy.program)
      return root === undefined ? [] : writtenInto(root, image.tree)
    },
    writeLayout: (folder) => writeLayout(image, base, folder),
  }
}

function variablesOf(dockerfile: string): Image['variables'] {
  const { args, stages } = parseDockerfile(dockerfile)
  return [...args, ...stages.flatMap(({ lines }) => lines)].filter(({ keyword }) => keyword === 'ENV' || keyword === 'ARG').flatMap((line) => {
    return line.properties.map(({ name, value }) => ({ name, value: value ?? '', line: placeOf(line) }))
  })
}

/** Of `packages`, the paths below `node_modules/` that the lock marks as for development alone. */
function devPackagesOf(lock: string | undefined): string[] {
  if (lock === undefined) return []
  const { packages = {} } = JSON.parse(lock) as { packages?: Record<string, { dev?: boolean }> }
  return Object.entries(packages).filter(([, { dev }]) => dev === true).map(([path]) => path)
}

/** By owner, group and mode, as the kernel asks. Some rooms run all as one user and do not see it. */
function unreadableBy(user: string, { tree, state }: BuiltImage): string[] {
  const { uid, gid } = ownerOf(user === '' ? 'root' : user)
  if (uid === 0) return []
  const mayUse = (entry: Entry): boolean => {
    const shift = entry.uid === uid ? 6 : entry.gid === gid ? 3 : 0
    const needed = entry.kind === 'folder' ? 0o5 : 0o4
    return entry.kind === 'link' || ((entry.mode >> shift) & needed) === needed
  }
  return [...tree].filter(([path, entry]) => isWithin(path, keyOf(state.workdir)) && !mayUse(entry)).map(([path]) => path)
}

function versionIn(entry: Entry | undefined): string | undefined {
  if (entry?.kind !== 'file') return undefined
  const { version } = JSON.parse(entry.bytes.toString('utf8')) as { version?: string }
  return version
}

/** The archives are not compressed: what is in a file is in its layer. */
function findings({ layers, history }: BuiltImage, text: string): ImageFinding[] {
  const wanted = Buffer.from(text)
  const inFiles = layers.flatMap(({ line, changes }) => {
    const holding = [...changes.set].filter(([path, entry]) => path.includes(text) || (entry.kind === 'file' && entry.bytes.includes(wanted)))
    return holding.map(([path]) => ({ line: placeOf(line), where: path }))
  })
  const inHistory = history.filter((one) => one.text.includes(text)).map((one) => ({ line: one.text, where: 'the configuration' }))
  return [...inFiles, ...inHistory]
}

function placeOf(line: Line): string {
  return `line ${String(line.line)}, ${line.text}`
}
