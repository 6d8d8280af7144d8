import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { buildImage, npmRunsAgain } from '../../harness/container/build.ts'
import type { BuildOptions, BuiltImage } from '../../harness/container/build.ts'
import { createLayerCache } from '../../harness/container/layer-cache.ts'
import { findPackages } from '../../harness/container/npm/packages.ts'
import { ROOT } from '../../harness/labs.ts'

/** The packages of lab 03, and those of the workbook. */
export const PACKAGES = findPackages(ROOT, join(ROOT, 'labs/03-container/packages'))

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'harbour-radio-test-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** Writes files by their paths. */
export function putFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** A folder with a Dockerfile, that can be built again and again with one cache. */
export interface Workshop {
  folder: string
  build(): Promise<BuiltImage>
  npmRunsAgain(changed: Readonly<Record<string, string>>): boolean[]
}

export function workshop(files: Readonly<Record<string, string>>, planted: Readonly<Record<string, string>> = {}): Workshop {
  const folder = temporaryFolder()
  putFiles(folder, files)
  const options: BuildOptions = {
    context: { folder, planted },
    packages: PACKAGES,
    base: 'a base for tests',
    cache: createLayerCache(temporaryFolder()),
    signal: new AbortController().signal,
  }
  return {
    folder,
    build: () => buildImage(options),
    npmRunsAgain: (changed) => npmRunsAgain(options, changed).map(({ runsAgain }) => runsAgain),
  }
}

/** The paths of an image's files, without its folders. */
export function filesOf({ tree }: BuiltImage): string[] {
  return [...tree].filter(([, entry]) => entry.kind !== 'folder').map(([path]) => path).sort()
}

/** The text of a file in an image. */
export function textOf({ tree }: BuiltImage, path: string): string | undefined {
  const entry = tree.get(path)
  return entry?.kind === 'file' ? entry.bytes.toString('utf8') : undefined
}
