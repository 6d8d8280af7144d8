import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { findLab, isFolderProgram, ROOT, type LabPaths } from '../labs.ts'
import { isCode } from './atomic.ts'

/** One file of a learner's work. */
export interface WorkFile {
  /** From the lab's folder, with forward slashes: `mine.ts`, `mine/server.ts`. */
  path: string
  bytes: Uint8Array
}

/** What a learner has written for one lab, as it was at one moment. */
export interface Work {
  slug: string
  files: WorkFile[]
  /** What is not in `files`, each with the reason: `mine/film.mp4 does not fit in the 5 MB that are kept`. */
  skipped: string[]
}

/** All files of one work together. */
export const MAX_WORK_BYTES = 5 * 1024 * 1024

/** Never part of a learner's work: what npm and git put there themselves. */
const IGNORED = new Set(['node_modules', '.git'])

/**
 * Reads a learner's work, whole. Take it before a run, so that what is kept is what was judged.
 * @param query the lab's slug or number
 * @param root the workbook's folder
 * @returns null when the lab is not begun
 */
export function readWork(query: string, root = ROOT): Work | null {
  const lab = findLab(query, root)
  return readProgram(lab, lab.mine)
}

/** Reads the starter, the solution or the learner's program, be it one file or a folder of files. Null when it is not there. */
export function readProgram(lab: LabPaths, entry: string): Work | null {
  const work: Work = { slug: lab.slug, files: [], skipped: [] }
  const top = isFolderLab(lab) ? dirname(entry) : entry
  let room = MAX_WORK_BYTES
  for (const file of filesUnder(top)) {
    const path = relative(lab.folder, file).split(sep).join('/')
    const refusal = refusalOf(file, room)
    if (refusal !== null) {
      work.skipped.push(`${path} ${refusal}`)
      continue
    }
    const bytes = readFileSync(file)
    room -= bytes.length
    work.files.push({ path, bytes })
  }
  return work.files.length + work.skipped.length === 0 ? null : work
}

/** True when the lab's work is a folder of files and not one file. */
export function isFolderLab(lab: LabPaths): boolean {
  return isFolderProgram(lab.mine)
}

/** Tells two works apart by their content alone. */
export function digestOf(work: Work): string {
  const hash = createHash('sha256')
  for (const { path, bytes } of work.files) hash.update(`${path}\n${String(bytes.length)}\n`).update(bytes)
  return hash.digest('hex')
}

/** Regular files and links below `top`, or `top` itself, sorted. Missing: none. */
function filesUnder(top: string): string[] {
  try {
    if (!statSync(top).isDirectory()) return [top]
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
  return readdirSync(top, { withFileTypes: true })
    .filter((item) => !IGNORED.has(item.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((item) => (item.isDirectory() ? filesUnder(join(top, item.name)) : [join(top, item.name)]))
}

/** Why a file is left out, or null. A pipe would never end; a linked folder may lead anywhere. */
function refusalOf(file: string, room: number): string | null {
  const target = statSync(file, { throwIfNoEntry: false })
  if (target === undefined) return 'is a link to nothing'
  if (!target.isFile()) return 'is not a regular file'
  return target.size > room ? `does not fit in the ${String(MAX_WORK_BYTES / 1024 / 1024)} MB that are kept` : null
}
