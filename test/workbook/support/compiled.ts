import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'
import { isFolderProgram, ROOT } from '../../harness/labs.ts'

/**
 * Compiles programs before the first test: some are started ten times in a proof, and a compiler costs each start more than
 * all else together. Packages stay where they are, and a program that is a folder keeps its other files beside it. That programs
 * work as they are written, the proof of the solutions shows.
 * @returns the script of a file
 */
export function useCompiled(files: readonly string[]): (file: string) => string {
  let folder = ''
  const scriptOf = (file: string): string => join(folder, relative(ROOT, file).replace(/\.ts$/, '.mjs'))
  beforeAll(async () => {
    // Inside the workbook, where packages are found.
    mkdirSync(join(ROOT, '.workbook'), { recursive: true })
    folder = mkdtempSync(join(ROOT, '.workbook', 'compiled-'))
    for (const file of files.filter(isFolderProgram)) cpSync(dirname(file), dirname(scriptOf(file)), { recursive: true })
    await build({
      entryPoints: [...files], outdir: folder, outbase: ROOT, outExtension: { '.js': '.mjs' },
      bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', logLevel: 'silent',
    })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return scriptOf
}
