import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'
import { isFolderProgram, ROOT } from '../../harness/labs.ts'

/** Packages with native code: they find it from their own folder. */
const NATIVE = ['wrtc', 'node-datachannel']

/** What a bundled package in CommonJS calls. */
const REQUIRE = 'import { createRequire } from \'node:module\'; const require = createRequire(import.meta.url);'

/**
 * Compiles programs before the first test, each into one file: some are started ten times in a proof, and a compiler costs
 * each start more than all else together, and after that finding the files of its packages. A program that is a folder keeps
 * its other files beside it and its packages where they are. That programs work as they are written, the proof of the
 * solutions shows.
 * @returns the script of a file
 */
export function useCompiled(files: readonly string[]): (file: string) => string {
  let folder = ''
  const scriptOf = (file: string): string => join(folder, relative(ROOT, file).replace(/\.ts$/, '.mjs'))
  beforeAll(async () => {
    // Inside the workbook, where packages are found.
    mkdirSync(join(ROOT, '.workbook'), { recursive: true })
    folder = mkdtempSync(join(ROOT, '.workbook', 'compiled-'))
    const folders = files.filter(isFolderProgram)
    for (const file of folders) cpSync(dirname(file), dirname(scriptOf(file)), { recursive: true })
    const common = {
      outdir: folder, outbase: ROOT, outExtension: { '.js': '.mjs' },
      bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'silent',
    } as const
    await build({ ...common, entryPoints: folders, packages: 'external' })
    await build({ ...common, entryPoints: files.filter((file) => !isFolderProgram(file)), external: NATIVE, banner: { js: REQUIRE } })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return scriptOf
}
