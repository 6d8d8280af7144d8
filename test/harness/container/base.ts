import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { BASE_FOLDERS } from './base-folders.ts'
import { USERS } from './users.ts'

/** The base image on this machine: a folder that could be a root. */
export interface BaseRoot {
  folder: string
  /** Tells one Node with its libraries from another. */
  id: string
}

/** What a base image has to run, beside Node: what CMD's shell form and a script's first line need. */
const TOOLS = ['/bin/sh', '/usr/bin/env']

/**
 * Makes the base image of `FROM node` from this machine's own Node, once: there is no network to fetch the real one from.
 * @param cacheFolder absolute
 * @returns undefined on systems where that cannot be done
 */
export function baseRoot(cacheFolder: string): BaseRoot | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const files = filesOfBase()
    const id = idOf(files)
    const folder = join(cacheFolder, `base-${id}`)
    if (!existsSync(folder)) makeBase(files, folder)
    return { folder, id }
  } catch {
    // Without ldd, or on a system whose libraries are elsewhere, there is the tier that needs none of this.
    return undefined
  }
}

/** By their place in the image: where they are here. */
function filesOfBase(): Map<string, string> {
  const programs = new Map([['/usr/local/bin/node', process.execPath], ...TOOLS.map((path): [string, string] => [path, realpathSync(path)])])
  const libraries = [...programs.values()].flatMap(librariesOf).map((path): [string, string] => [path, realpathSync(path)])
  return new Map([...libraries, ...programs])
}

/** The shared libraries of a program and the loader, by absolute paths. */
function librariesOf(program: string): string[] {
  const told = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return told.split('\n').flatMap((line) => /(?:=>\s*)?(\/\S+)\s+\(0x/.exec(line)?.[1] ?? [])
}

function idOf(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(process.version)
  for (const [place, file] of files) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${place} ${file} ${String(size)} ${String(mtimeMs)}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

/** Under another name first: several judges may make it at once, and one of them was the first. */
function makeBase(files: ReadonlyMap<string, string>, folder: string): void {
  const draft = `${folder}.${randomBytes(6).toString('hex')}`
  mkdirSync(draft, { recursive: true })
  for (const path of BASE_FOLDERS) mkdirSync(join(draft, path), { recursive: true })
  for (const [place, file] of files) {
    const to = join(draft, place)
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(file, to, constants.COPYFILE_FICLONE)
    chmodSync(to, 0o755)
  }
  for (const [name, text] of Object.entries(settings())) writeFileSync(join(draft, 'etc', name), text, { mode: 0o644 })
  chmodSync(join(draft, 'tmp'), 0o1777)
  try {
    renameSync(draft, folder)
  } catch {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw new Error(`The base image could not be kept at ${basename(folder)}`)
  }
}

function settings(): Record<string, string> {
  const users = Object.entries(USERS)
  return {
    passwd: users.map(([name, id]) => `${name}:x:${String(id)}:${String(id)}::${homeOf(id)}:/bin/sh\n`).join(''),
    group: users.map(([name, id]) => `${name}:x:${String(id)}:\n`).join(''),
    hosts: '127.0.0.1 localhost\n::1 localhost\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  }
}

/** Where a user of the base image is at home. */
export function homeOf(uid: number): string {
  if (uid === 0) return '/root'
  return uid === 1_000 ? '/home/node' : '/'
}
