import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program on PATH, or where administrators' programs are; undefined when it is not there. */
export function findCommand(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return folders.filter((folder) => folder !== '').map((folder) => join(folder, name)).find(isRunnable)
}

function isRunnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
