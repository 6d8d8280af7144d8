/** Prints all labs as one JSON array: what pages show of them without running anything. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadLab } from '../judge/load.ts'
import { findLabs, ROOT, wrongPrograms } from '../labs.ts'
import type { LabPaths } from '../labs.ts'

export interface ManifestCheck {
  id: string
  title: string
  hints: readonly string[]
  withinMs: number
  /** Names of the known-wrong programs that it refuses. */
  refuses: string[]
}

export interface ManifestLab {
  slug: string
  title: string
  checks: ManifestCheck[]
}

const DEFAULT_WITHIN_MS = 5_000

/** The labs whose check files exist, sorted by slug. @param root the workbook's folder */
export async function readManifest(root = ROOT): Promise<ManifestLab[]> {
  const labs: ManifestLab[] = []
  for (const paths of findLabs(root)) {
    if (!existsSync(paths.checks)) continue
    const lab = await loadLab(paths.slug, root)
    const refused = refusals(paths)
    const checks = lab.checks.map(({ id, title, hints, withinMs }) => {
      return { id, title, hints, withinMs: withinMs ?? DEFAULT_WITHIN_MS, refuses: refused.get(id) ?? [] }
    })
    labs.push({ slug: lab.slug, title: lab.title, checks })
  }
  return labs
}

/** By check id: which wrong programs name it in their first line. */
function refusals(paths: LabPaths): Map<string, string[]> {
  const refused = new Map<string, string[]>()
  for (const { name, file } of wrongPrograms(paths)) {
    const ids = /^\/\/ Rejected by: (.+)$/m.exec(readFileSync(file, 'utf8').split('\n', 1)[0] ?? '')?.[1] ?? ''
    for (const id of ids.split(',').map((text) => text.trim()).filter((text) => text !== '')) {
      refused.set(id, [...(refused.get(id) ?? []), name])
    }
  }
  return refused
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(await readManifest())}\n`)
}
