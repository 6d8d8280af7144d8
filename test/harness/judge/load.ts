import { existsSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { beginDraft, finishDraft } from '../lab.ts'
import { checkFiles, findLab, ROOT } from '../labs.ts'
import type { LabDefinition } from '../types/index.ts'
import { readAnew } from './read-anew.ts'

/** What was read, by the check file's path. */
const known = new Map<string, { state: string; definition: Promise<LabDefinition> }>()
let queue: Promise<unknown> = Promise.resolve()

/**
 * Reads a lab's checks; again only when one of their files has changed.
 * @param slug the lab's folder name, or what {@link findLab} understands
 * @throws Error with code `ERR_NO_LAB` or `ERR_NO_CHECKS` when there is no such lab, or no check file of it yet
 * @throws Error when its check file declares nothing
 */
export async function loadLab(slug: string, root = ROOT): Promise<LabDefinition> {
  const paths = findLab(slug, root)
  if (!existsSync(paths.checks)) throw noChecks(paths.slug)
  const state = checkFiles(paths).map(stateOf).join('\n')
  const before = known.get(paths.checks)
  if (before?.state === state) return before.definition
  const definition = inTurn(() => read(paths.slug, async () => {
    if (before === undefined) await import(/* @vite-ignore */ pathToFileURL(paths.checks).href)
    else await readAnew(paths, root)
  }))
  known.set(paths.checks, { state, definition })
  return definition
}

async function read(slug: string, evaluate: () => Promise<void>): Promise<LabDefinition> {
  const draft = beginDraft()
  await evaluate()
  return finishDraft(slug, draft)
}

function stateOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return `${file} ${String(found?.mtimeMs)} ${String(found?.size)}`
}

function noChecks(slug: string): Error {
  const message = `Lab ${slug} has no checks yet: write test/${slug}.test.ts (CONTRIBUTING.md, step 4).`
  return Object.assign(new Error(message), { code: 'ERR_NO_CHECKS' })
}

/** One check file at a time: what a file declares goes into the one draft that is open. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = queue.then(work)
  queue = turn.catch(() => undefined)
  return turn
}
