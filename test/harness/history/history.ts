/**
 * Work is safe: nothing here replaces a learner's file before a copy of it is kept under
 * `.workbook/history/<slug>/<number>/`, and nothing here ever runs git.
 */
import { existsSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { findLab, relativePath, ROOT, type LabPaths } from '../labs.ts'
import type { Version } from '../types/index.ts'
import { createFile, isCode, replaceFile } from './atomic.ts'
import { readVersion, recordVersion } from './versions.ts'
import { digestOf, readProgram, readWork, type Work } from './work.ts'

export { diffWithSolution, diffWithVersion } from './diff.ts'
export { listVersions, recordVersion } from './versions.ts'
export { readWork, type Work } from './work.ts'

/** An editor that saves without end must not keep a reset waiting. */
const MAX_TURNS = 5

/** What was done to a learner's work. */
export interface Change {
  slug: string
  /** The learner's program, absolute. */
  file: string
  /** False: there was nothing to do, everything is as it was. */
  changed: boolean
  /** The copy made of what was there before; null when there was nothing, or nothing that is not kept already. */
  kept: Version | null
}

/**
 * Makes the learner's file (or folder of files) from the starter. Never overwrites a file that is there.
 * @param query the lab's slug or number
 * @param root the workbook's folder
 */
export function startLab(query: string, root = ROOT): Change {
  const lab = findLab(query, root)
  const unchanged = { slug: lab.slug, file: lab.mine, changed: false, kept: null }
  if (existsSync(lab.mine)) return unchanged
  const made = entryLast(lab, starterOf(lab)).map((file) => createFile(join(lab.folder, file.path), file.bytes, root))
  const work = readWork(query, root)
  if (work !== null) recordVersion(query, work, { reason: 'start', verdict: null, root })
  return { ...unchanged, changed: made.includes(true) }
}

/**
 * Keeps what is there, then makes the learner's work the starter again.
 * @throws Error with code `ERR_NOT_KEPT` when a file is too large to be kept first
 */
export function resetLab(query: string, root = ROOT): Change {
  const lab = findLab(query, root)
  return replaceWork(lab, starterOf(lab), 'reset', root)
}

/**
 * Keeps what is there, then makes the learner's work what it was in a version.
 * @throws Error with code `ERR_NO_VERSION`, or `ERR_NOT_KEPT` when a file is too large to be kept first
 */
export function restoreVersion(query: string, number: number, root = ROOT): Change {
  return replaceWork(findLab(query, root), readVersion(query, number, root).work, 'restore', root)
}

/** File by file, new ones before old ones go: killed at any moment, each file is whole, and all that was there is in the copy. */
function replaceWork(lab: LabPaths, next: Work, reason: string, root: string): Change {
  const { current, kept } = keepCurrent(lab, next, reason, root)
  const wanted = new Set(next.files.map((file) => file.path))
  const old = current?.files.map((file) => file.path).filter((path) => !wanted.has(path)) ?? []
  const inTheWay = old.filter((path) => standsInTheWay(path, wanted))
  for (const path of inTheWay) remove(join(lab.folder, path))
  for (const { path, bytes } of next.files) {
    removeEmptyFolder(join(lab.folder, path))
    replaceFile(join(lab.folder, path), bytes, root)
  }
  for (const path of old) if (!inTheWay.includes(path)) remove(join(lab.folder, path))
  return { slug: lab.slug, file: lab.mine, changed: true, kept }
}

/** Copying takes a disk's time, in which an editor may save: then what it saved is kept, too. */
function keepCurrent(lab: LabPaths, next: Work, reason: string, root: string): { current: Work | null; kept: Version | null } {
  let kept: Version | null = null
  for (let turn = 0; ; turn += 1) {
    const current = readWork(lab.slug, root)
    refuseWhatIsNotKept(current, next)
    if (current !== null) kept = recordVersion(lab.slug, current, { reason, verdict: null, root }) ?? kept
    if (turn === MAX_TURNS || isSame(current, readWork(lab.slug, root))) return { current, kept }
  }
}

function isSame(left: Work | null, right: Work | null): boolean {
  return left === null || right === null ? left === right : digestOf(left) === digestOf(right)
}

/** A file where the wanted work has a folder, or in a folder where it has a file. */
function standsInTheWay(path: string, wanted: ReadonlySet<string>): boolean {
  return [...wanted].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))
}

function removeEmptyFolder(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return
  for (const name of readdirSync(path)) removeEmptyFolder(join(path, name))
  rmdirSync(path)
}

function refuseWhatIsNotKept(current: Work | null, next: Work): void {
  const lost = current?.skipped.find((reason) => next.files.some((file) => reason.startsWith(`${file.path} `)))
  if (lost === undefined) return
  const message = `Nothing was changed: ${lost}, so no copy of it could be made. Move it away first.`
  throw Object.assign(new Error(message), { code: 'ERR_NOT_KEPT' })
}

/** A lab counts as begun once its entry is there; so, killed in the middle, the next start completes it. */
function entryLast(lab: LabPaths, work: Work): Work['files'] {
  const isEntry = (path: string): boolean => join(lab.folder, path) === lab.mine
  return [...work.files].sort((left, right) => Number(isEntry(left.path)) - Number(isEntry(right.path)))
}

/** The starter under the names that the learner's files get. */
function starterOf(lab: LabPaths): Work {
  const starter = readProgram(lab, lab.starter)
  if (starter === null) {
    throw Object.assign(new Error(`${relativePath(lab.starter)} is missing.`), { code: 'ERR_NO_STARTER' })
  }
  return { ...starter, files: starter.files.map((file) => ({ ...file, path: file.path.replace(/^starter/, 'mine') })) }
}

function remove(file: string): void {
  try {
    unlinkSync(file)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
}
