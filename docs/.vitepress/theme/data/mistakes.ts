import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LABS = fileURLToPath(new URL('../../../../labs/', import.meta.url))
const AT_MOST = 2

/**
 * For each check of a lab, at most two of the mistakes that it is there to refuse, in words: the names of the
 * known-wrong programs that name it first, those that no other check refuses before the others.
 */
export function mistakesOf(slug: string, labs = LABS): Map<string, string[]> {
  const programs = wrongPrograms(join(labs, slug, 'wrong'))
  const byCheck = new Map<string, string[]>()
  for (const { words, ids } of programs.sort((left, right) => left.ids.length - right.ids.length)) {
    const first = ids[0] ?? ''
    const known = byCheck.get(first) ?? []
    if (known.length < AT_MOST) byCheck.set(first, [...known, words])
  }
  return byCheck
}

function wrongPrograms(folder: string): { words: string; ids: string[] }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const file = entry.isDirectory() ? join(folder, entry.name, 'server.ts') : join(folder, entry.name)
    const ids = /^\/\/ Rejected by: (.+)/.exec(readFileSync(file, 'utf8'))?.[1]?.split(',') ?? []
    return { words: entry.name.replace(/\.ts$/, '').replaceAll('-', ' '), ids: ids.map((id) => id.trim()) }
  })
}
