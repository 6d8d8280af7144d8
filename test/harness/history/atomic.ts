import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Nothing takes so long to be made: what is older was left by a process that was killed. */
const LEFT_BEHIND_MS = 3_600_000

const tidied = new Set<string>()

/** Where half-made files live: inside the workbook, so that a rename stays on one file system, and outside the watched folders. */
export function temporaryPath(root: string): string {
  const folder = join(root, '.workbook', 'tmp')
  mkdirSync(folder, { recursive: true })
  if (!tidied.has(folder)) removeLeftBehind(folder)
  tidied.add(folder)
  return join(folder, `${String(process.pid)}-${randomUUID()}`)
}

/**
 * Replaces a file as one step: whoever reads it, and whoever kills this process, finds the old content or the new.
 * @param root the workbook's folder
 */
export function replaceFile(file: string, bytes: Uint8Array, root: string): void {
  withTemporary(root, (temporary) => {
    writeFileSync(temporary, bytes, { flush: true })
    mkdirSync(dirname(file), { recursive: true })
    renameSync(temporary, file)
  })
}

/**
 * Makes a file that must not be there yet, as one step.
 * @returns false, and nothing is touched, when there is one already
 */
export function createFile(file: string, bytes: Uint8Array, root: string): boolean {
  return withTemporary(root, (temporary) => {
    writeFileSync(temporary, bytes, { flush: true })
    mkdirSync(dirname(file), { recursive: true })
    return linkNew(temporary, file)
  })
}

/**
 * Gives a finished folder its name, as one step.
 * @returns false when that name is taken; the folder then stays where it is
 */
export function claimFolder(finished: string, name: string): boolean {
  try {
    renameSync(finished, name)
    return true
  } catch (error) {
    if (existsSync(name)) return false
    throw error
  }
}

/** True when `error` carries one of these codes. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes(String((error as { code?: unknown } | null)?.code))
}

/** A hard link never replaces what is there, as a rename would. */
function linkNew(temporary: string, file: string): boolean {
  try {
    linkSync(temporary, file)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    if (isCode(error, ...NO_LINKS)) return renameToNew(temporary, file)
    throw error
  }
}

/** What file systems without hard links say; a full disk is another matter. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'UNKNOWN']

/** An empty file holds the name until the whole one takes it. */
function renameToNew(temporary: string, file: string): boolean {
  try {
    writeFileSync(file, '', { flag: 'wx' })
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
  try {
    renameSync(temporary, file)
  } catch (error) {
    unlinkSync(file)
    throw error
  }
  return true
}

/** Never throws: what cannot be removed lies there a while longer. */
function removeLeftBehind(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - changedAt > LEFT_BEHIND_MS) rmQuietly(path)
  }
}

/** What was to be said is the error before this one, when there was one. */
export function rmQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // Removed an hour later.
  }
}

function withTemporary<T>(root: string, work: (temporary: string) => T): T {
  const temporary = temporaryPath(root)
  try {
    return work(temporary)
  } finally {
    rmQuietly(temporary)
  }
}
