import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'
import { ROOT } from '../../harness/labs.ts'

/**
 * Compiles programs of one file each before the first test: some are started ten times in a proof, and a
 * compiler costs each start more than all else together. Packages stay where they are. That programs work as they are
 * written, the proof of the solutions shows.
 * @returns the script of a file; undefined for a program of several files, which is more than its code
 */
export function useCompiled(files: readonly string[]): (file: string) => string | undefined {
  const single = files.filter((file) => basename(dirname(file)) === 'wrong')
  let folder = ''
  beforeAll(async () => {
    // Inside the workbook, where packages are found.
    mkdirSync(join(ROOT, '.workbook'), { recursive: true })
    folder = mkdtempSync(join(ROOT, '.workbook', 'compiled-'))
    await build({
      entryPoints: [...single], outdir: folder, outbase: ROOT, outExtension: { '.js': '.mjs' },
      bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', logLevel: 'silent',
    })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return (file) => single.includes(file) ? join(folder, relative(ROOT, file).replace(/\.ts$/, '.mjs')) : undefined
}
