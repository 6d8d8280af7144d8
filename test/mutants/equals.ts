import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutate.ts'

/** Mutants that no check may refuse, because they keep the contract. */
export interface Equal {
  /** The changed lines as the solution has them. */
  original: string
  /** What they become; several mutants of one line can share a reason. */
  mutated: readonly string[]
  /** Why the contract allows it. */
  reason: string
}

/** Those of a line that every lab's solution may have. */
export const EVERY_LAB = 'every-lab'

/**
 * The documented equals of a lab; none when it has no file.
 * @param slug or {@link EVERY_LAB}
 */
export function readEquals(slug: string): Equal[] {
  const file = fileOfEquals(slug)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Equal[]) : []
}

/** Where the equals of a lab are documented: a path. */
export function fileOfEquals(slug: string): string {
  return fileURLToPath(new URL(`equal/${slug}.json`, import.meta.url))
}

/** True when a mutant is documented: by its text, wherever its line stands. */
export function isEqual(mutant: Mutant, equals: readonly Equal[]): boolean {
  return equals.some((equal) => equal.original === mutant.original && equal.mutated.includes(mutant.mutated))
}

/** Entries that fit no mutant of the solution any more, each in one line. */
export function staleEquals(mutants: readonly Mutant[], equals: readonly Equal[]): string[] {
  const known = new Set(mutants.map(({ original, mutated }) => JSON.stringify([original, mutated])))
  return equals.flatMap(({ original, mutated }) => {
    return mutated.filter((text) => !known.has(JSON.stringify([original, text]))).map((text) => `${original} → ${text}`)
  })
}
