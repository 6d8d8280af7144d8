import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LABS = fileURLToPath(new URL('../../../../labs/', import.meta.url))
const AT_MOST = 2

/**
 * For each check of a lab, at most two of the mistakes that it is there to refuse, in words: the names of the
 * known-wrong programs that name it first, those that no other check refuses before the others. A check that no
 * program names first has those that name it at all.
 */
export function mistakesOf(slug: string, labs = LABS): Map<string, string[]> {
  const programs = wrongPrograms(join(labs, slug, 'wrong')).sort((left, right) => left.ids.length - right.ids.length)
  const known = new Set(programs.flatMap(({ ids }) => ids))
  return new Map([...known].map((id) => {
    const first = programs.filter(({ ids }) => ids[0] === id)
    const naming = first.length > 0 ? first : programs.filter(({ ids }) => ids.includes(id))
    return [id, naming.slice(0, AT_MOST).map(({ words }) => words)]
  }))
}

function wrongPrograms(folder: string): { words: string; ids: string[] }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const file = entry.isDirectory() ? join(folder, entry.name, 'server.ts') : join(folder, entry.name)
    const ids = /^\/\/ Rejected by: (.+)/.exec(readFileSync(file, 'utf8'))?.[1]?.split(',') ?? []
    return { words: entry.name.replace(/\.ts$/, '').replaceAll('-', ' '), ids: ids.map((id) => id.trim()) }
  })
}
