import { createTwoFilesPatch } from 'diff'
import { findLab, ROOT } from '../labs.ts'
import { readVersion } from './versions.ts'
import { readProgram, readWork, type Work } from './work.ts'

/** Beyond this many milliseconds two files have too little in common to be worth comparing line by line. */
const TIMEOUT_MS = 2_000

/** What the chapters quote a solution by: of no use to whom compares a file with it. */
const REGION = /^[ \t]*\/\/ #(end)?region\b.*\n/gm

/**
 * What would turn the learner's work into the reference, as a unified diff. Empty: they are the same.
 * @param query the lab's slug or number
 * @param root the workbook's folder
 * @throws Error with code `ERR_NOT_BEGUN`
 */
export function diffWithSolution(query: string, root = ROOT): string {
  const lab = findLab(query, root)
  const solution = readProgram(lab, lab.solution)
  return unifiedDiff(begunWork(query, root), solution, 'solution')
}

/**
 * What has changed since a version, as a unified diff. Empty: nothing.
 * @throws Error with code `ERR_NOT_BEGUN` or `ERR_NO_VERSION`
 */
export function diffWithVersion(query: string, number: number, root = ROOT): string {
  const { work } = readVersion(query, number, root)
  return unifiedDiff(work, begunWork(query, root), 'mine', `version ${String(number)}: `)
}

function begunWork(query: string, root: string): Work {
  const work = readWork(query, root)
  if (work !== null) return work
  const { slug } = findLab(query, root)
  const message = `Lab ${slug} is not begun. Begin it with: npm run lab ${slug.slice(0, 2)}`
  throw Object.assign(new Error(message), { code: 'ERR_NOT_BEGUN' })
}

/** Files are matched by the name that they have inside their work: `mine/store.ts` and `solution/store.ts`. */
function unifiedDiff(before: Work, after: Work | null, afterName: string, label = ''): string {
  const old = textsByName(before)
  const fresh = textsByName(after)
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort()
  return names
    .filter((name) => old.get(name) !== fresh.get(name))
    .map((name) => patch(`${label}mine${name}`, `${afterName}${name}`, old.get(name), fresh.get(name)))
    .join('')
}

function patch(oldName: string, newName: string, oldText: string | undefined, newText: string | undefined): string {
  const names = [oldText === undefined ? '/dev/null' : oldName, newText === undefined ? '/dev/null' : newName] as const
  const options = { context: 3, timeout: TIMEOUT_MS }
  const text = createTwoFilesPatch(...names, oldText ?? '', newText ?? '', undefined, undefined, options)
  return (text ?? `--- ${names[0]}\n+++ ${names[1]}\n(too different to be compared line by line)\n`).replace(/^=+\n/, '')
}

/** `.ts` or `/store.ts`, what follows `mine`, `starter` or `solution`; line ends of one kind. */
function textsByName(work: Work | null): Map<string, string> {
  const decoder = new TextDecoder()
  const entries = (work?.files ?? []).map((file): [string, string] => [
    file.path.replace(/^(mine|starter|solution)/, ''),
    decoder.decode(file.bytes).replaceAll('\r\n', '\n').replace(REGION, ''),
  ])
  return new Map(entries)
}
