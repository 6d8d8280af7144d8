import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where half-made files live: inside the workbook, so that a rename stays on one file system, and outside the watched folders. */
export function temporaryPath(root: string): string {
  const folder = join(root, '.workbook', 'tmp')
  mkdirSync(folder, { recursive: true })
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
    return linkNew(temporary, file, bytes)
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

/** A hard link never replaces what is there, as a rename would; some file systems have none. */
function linkNew(temporary: string, file: string, bytes: Uint8Array): boolean {
  try {
    linkSync(temporary, file)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    return writeNew(file, bytes)
  }
}

function writeNew(file: string, bytes: Uint8Array): boolean {
  try {
    writeFileSync(file, bytes, { flag: 'wx', flush: true })
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

function withTemporary<T>(root: string, work: (temporary: string) => T): T {
  const temporary = temporaryPath(root)
  try {
    return work(temporary)
  } finally {
    rmSync(temporary, { force: true })
  }
}
