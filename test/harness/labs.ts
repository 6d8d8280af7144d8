import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The workbook's folder, absolute. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '')

/** What is started of a program that is a folder of several files. */
const FOLDER_PROGRAM = 'server.ts'

/** Where a lab's files are. A folder under `labs/` whose name begins with two digits is a lab. */
export interface LabPaths {
  /** `01-request-response` */
  slug: string
  folder: string
  /** What is started: a file, or `server.ts` in a folder of several files. */
  starter: string
  mine: string
  solution: string
  /** The check file. */
  checks: string
  /** The chapter. */
  page: string
}

/** All labs, sorted by slug. @param root the workbook's folder; another one in tests */
export function findLabs(root = ROOT): LabPaths[] {
  const folder = join(root, 'labs')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^\d\d-/.test(name) && statSync(join(folder, name)).isDirectory())
    .sort()
    .map((slug) => labPaths(slug, root))
}

/**
 * The lab that a learner means by `01`, `request-response` or the whole slug.
 * @throws Error with code `ERR_NO_LAB` naming the labs there are
 */
export function findLab(query: string, root = ROOT): LabPaths {
  const labs = findLabs(root)
  const wanted = query.toLowerCase()
  const found =
    labs.find((lab) => lab.slug === wanted) ??
    labs.find((lab) => lab.slug.startsWith(`${wanted.padStart(2, '0')}-`)) ??
    labs.find((lab) => lab.slug.slice(3) === wanted)
  if (found !== undefined) return found
  const message = `There is no lab "${query}". The labs are: ${labs.map((lab) => lab.slug).join(', ')}.`
  throw Object.assign(new Error(message), { code: 'ERR_NO_LAB' })
}

/** True for a program that is a folder: the file in it that is started. */
export function isFolderProgram(file: string): boolean {
  return basename(file) === FOLDER_PROGRAM
}

/** The wrong programs of a lab: file or `server.ts` of each folder in `wrong/`, sorted by name. */
export function wrongPrograms(lab: LabPaths): { name: string; file: string }[] {
  const folder = join(lab.folder, 'wrong')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => ({ name: basename(name, '.ts'), file: entry(join(folder, name)) }))
}

/** Where a lab's checks stand that are too many for one file: it need not exist. */
export function checkFolder({ checks, slug }: LabPaths): string {
  return join(dirname(checks), slug)
}

/** The check file, and the files that stand in a folder of its name beside it, sorted. */
export function checkFiles(lab: LabPaths): string[] {
  const folder = checkFolder(lab)
  if (!existsSync(folder)) return [lab.checks]
  return [lab.checks, ...readdirSync(folder).filter((name) => name.endsWith('.ts')).sort().map((name) => join(folder, name))]
}

/** A path as people read it: from the workbook's folder, with forward slashes. */
export function relativePath(file: string, root = ROOT): string {
  const path = relative(root, file)
  return path.startsWith('..') ? file : path.split(sep).join('/')
}

function labPaths(slug: string, root: string): LabPaths {
  const folder = join(root, 'labs', slug)
  const isFolderLab = existsSync(join(folder, 'starter'))
  const program = (name: string): string => (isFolderLab ? join(folder, name, FOLDER_PROGRAM) : join(folder, `${name}.ts`))
  return {
    slug,
    folder,
    starter: program('starter'),
    mine: program('mine'),
    solution: program('solution'),
    checks: join(root, 'test', `${slug}.test.ts`),
    page: join(root, 'docs', slug, 'index.md'),
  }
}

function entry(path: string): string {
  return statSync(path).isDirectory() ? join(path, FOLDER_PROGRAM) : path
}
