/** `npm run lab:npm -- 03 install picocolors`: npm in a lab's folder, against the lab's own registry. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { findPackages } from '../container/npm/packages.ts'
import { startRegistry } from '../container/npm/registry.ts'
import { runNpm } from '../container/npm/run-npm.ts'
import { loadLab } from '../judge/load.ts'
import { findLab, ROOT } from '../labs.ts'

const USAGE = `Usage: npm run lab:npm -- 03 install <package>     adds a package to your package.json and its lock
       npm run lab:npm -- 03 uninstall <package>   takes one out of both
       npm run lab:npm -- 03 install               makes the lock fit your package.json`

/** Changes package.json and the lock alone: the builder installs the packages. */
async function main(args: readonly string[]): Promise<number> {
  const [query, ...rest] = args
  const folderAt = rest.indexOf('--folder')
  const named = folderAt < 0 ? undefined : rest[folderAt + 1]
  const npmArgs = folderAt < 0 ? rest : rest.filter((_arg, index) => index !== folderAt && index !== folderAt + 1)
  if (query === undefined || npmArgs.length === 0) throw Object.assign(new Error(USAGE), { code: 'ERR_NO_ARGUMENTS' })
  const paths = findLab(query)
  const { image } = await loadLab(paths.slug)
  if (image === undefined) throw Object.assign(new Error(`Lab ${paths.slug} has no packages of its own.`), { code: 'ERR_NO_PACKAGES' })
  const registry = await startRegistry(findPackages(ROOT, join(ROOT, image.packages)))
  const scratch = mkdtempSync(join(tmpdir(), 'harbour-radio-npm-'))
  try {
    const folder = named === undefined ? dirname(paths.mine) : resolve(named)
    const { code, output } = await runNpm({ folder, args: [...npmArgs, '--package-lock-only'], registry: registry.url, scratch })
    process.stdout.write(output)
    return code ?? 1
  } finally {
    await registry.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return 2
})
