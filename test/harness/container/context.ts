import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Ignore } from '@balena/dockerignore'
import { BuildProblem } from './build-problem.ts'

export interface ContextFile {
  bytes: Buffer
  isExecutable: boolean
}

/** What a builder is given: the files of a folder that `.dockerignore` lets through, by their paths from there. */
export interface BuildContext {
  files: ReadonlyMap<string, ContextFile>
  /** What lies in the folder and was kept out. */
  ignored: ReadonlySet<string>
  dockerfile: string
  /** A file of the folder, let through or not. */
  read(path: string): string | undefined
}

export interface ContextOptions {
  /** The learner's. */
  folder: string
  /** Lies around in it beside the learner's own files, in the place of one of the same name; the folder itself is not touched. */
  planted?: Readonly<Record<string, string>>
  /** In the place of files as they are. */
  changed?: Readonly<Record<string, string>>
}

/** Its types promise a default export; what it has is CommonJS's one. */
const dockerignore = createRequire(import.meta.url)('@balena/dockerignore') as (options: { ignorecase: boolean }) => Ignore

/** What npm puts there for the learner's own editor is another machine's: the planted folder stands for it. */
const NOT_READ = new Set(['node_modules', '.git'])
const MAX_FILES = 1_000
const MAX_BYTES = 20 * 1024 * 1024

/**
 * Reads a folder as `docker build` does.
 * @throws BuildProblem when it has no Dockerfile, or holds more than anybody wrote
 */
export function readContext({ folder, planted = {}, changed = {} }: ContextOptions): BuildContext {
  const own = readFolder(folder)
  const all = new Map<string, ContextFile>()
  for (const [path, file] of own) all.set(path, file)
  for (const [path, text] of Object.entries(planted)) all.set(path, plainFile(text))
  for (const [path, text] of Object.entries(changed)) all.set(path, plainFile(text))
  const dockerfile = all.get('Dockerfile')?.bytes.toString('utf8')
  if (dockerfile === undefined) throw new BuildProblem('There is no Dockerfile beside server.ts.')
  const isLetIn = ignoring(all.get('.dockerignore')?.bytes.toString('utf8') ?? '')
  const files = new Map([...all].filter(([path]) => isLetIn(path)).sort(([left], [right]) => (left < right ? -1 : 1)))
  const ignored = new Set([...all.keys()].filter((path) => !files.has(path)))
  return { files, ignored, dockerfile, read: (path) => all.get(path)?.bytes.toString('utf8') }
}

/** Tells two sets of files apart, by their paths, contents and permission to run. */
export function digestOf(files: Iterable<readonly [string, ContextFile]>): string {
  const hash = createHash('sha256')
  for (const [path, { bytes, isExecutable }] of files) {
    hash.update(`${path}\0${String(isExecutable)}\0${String(bytes.length)}\0`).update(bytes)
  }
  return hash.digest('hex')
}

/** `**` before a pattern, `!`, comments and the rest follow Docker's rules, not git's. */
function ignoring(patterns: string): (path: string) => boolean {
  const rules = dockerignore({ ignorecase: false }).add(patterns)
  return (path) => !rules.ignores(path)
}

function readFolder(folder: string): Map<string, ContextFile> {
  const found = new Map<string, ContextFile>()
  let bytes = 0
  const walk = (below: string): void => {
    for (const item of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? item.name : `${below}/${item.name}`
      if (below === '' && NOT_READ.has(item.name)) continue
      if (item.isDirectory()) walk(path)
      else if (item.isFile()) bytes += add(path)
      if (found.size > MAX_FILES || bytes > MAX_BYTES) throw new BuildProblem(tooMuch(folder))
    }
  }
  const add = (path: string): number => {
    const file = join(folder, path)
    const content = readFileSync(file)
    found.set(path, { bytes: content, isExecutable: (statSync(file).mode & 0o100) !== 0 })
    return content.length
  }
  walk('')
  return found
}

function plainFile(text: string): ContextFile {
  return { bytes: Buffer.from(text), isExecutable: false }
}

function tooMuch(folder: string): string {
  return `The folder ${folder} holds more than ${String(MAX_FILES)} files or ${String(MAX_BYTES / 1_048_576)} MB: more than a lab's program is.`
}
