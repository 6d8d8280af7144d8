import { mkdirSync, rmSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type OnResolveArgs, type OnResolveResult } from 'esbuild'
import { checkFolder, type LabPaths } from '../labs.ts'

/** Each bundle its own name: a module is evaluated once for each address. */
let count = 0

/**
 * Evaluates a check file that was evaluated before, and with it the files in its folder, as they are now. They are
 * bundled, since an import of an unchanged address gives what was read first; all else (the harness, packages) is imported as ever.
 * @param root the workbook's folder, where packages are found
 * @throws Error with esbuild's message when a file cannot be read or compiled, and whatever the file throws
 */
export async function readAnew(paths: LabPaths, root: string): Promise<void> {
  const folder = join(root, '.workbook', 'cache', 'checks')
  mkdirSync(folder, { recursive: true })
  count += 1
  const outfile = join(folder, `${paths.slug}.${String(process.pid)}-${String(count)}.mjs`)
  try {
    await build({
      entryPoints: [paths.checks], outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm',
      target: 'node20', sourcemap: 'inline', logLevel: 'silent',
      plugins: [{ name: 'own-files-only', setup: (setUp) => { setUp.onResolve({ filter: /^[./]|^[A-Za-z]:/ }, (asked) => outside(asked, paths)) } }],
    })
    await import(/* @vite-ignore */ pathToFileURL(outfile).href)
  } finally {
    rmSync(outfile, { force: true })
  }
}

/** What is not the check file's own, by its address; undefined leaves a file to the bundle. */
function outside({ kind, path, resolveDir }: OnResolveArgs, lab: LabPaths): OnResolveResult | undefined {
  if (kind === 'entry-point') return undefined
  const file = join(isAbsolute(path) ? '' : resolveDir, path)
  const fromRoom = relative(checkFolder(lab), file)
  if (!fromRoom.startsWith('..') && !isAbsolute(fromRoom)) return undefined
  return { path: pathToFileURL(file).href, external: true }
}
