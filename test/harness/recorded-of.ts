import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { checkFiles, isFolderProgram } from './labs.ts'
import type { LabPaths } from './labs.ts'

/**
 * Tells whether a recording is older than what it was made of: the reference, the starter (some measures are its) and the checks.
 * @returns 16 hexadecimal digits, the same on every system
 */
export function recordedOf(lab: LabPaths): string {
  const hash = createHash('sha256')
  for (const file of [...programFiles(lab.starter), ...programFiles(lab.solution), ...checkFiles(lab)]) {
    // Git may check a text out with other line ends.
    hash.update(`${basename(file)}\n${readFileSync(file, 'utf8').replaceAll('\r\n', '\n')}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

/** A program of one file, or all files of its folder, sorted. What a desktop leaves in a folder is none of it. */
function programFiles(program: string): string[] {
  if (!isFolderProgram(program)) return [program]
  const folder = dirname(program)
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name)
  return names.filter((name) => !name.startsWith('.') || name === '.dockerignore').sort().map((name) => join(folder, name))
}
