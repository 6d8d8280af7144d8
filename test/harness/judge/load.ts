import { statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { beginDraft, finishDraft } from '../lab.ts'
import { findLab, ROOT } from '../labs.ts'
import type { LabDefinition } from '../types/index.ts'

/** What was read, by the check file's path. */
const known = new Map<string, { changedAt: number; definition: Promise<LabDefinition> }>()
let queue: Promise<unknown> = Promise.resolve()

/**
 * Reads a lab's check file; again only when it has changed.
 * @param slug the lab's folder name, or what {@link findLab} understands
 * @throws Error with code `ERR_NO_LAB` or `ERR_NO_CHECKS` when there is no such lab, or no check file of it yet
 * @throws Error when its check file declares nothing
 */
export async function loadLab(slug: string, root = ROOT): Promise<LabDefinition> {
  const paths = findLab(slug, root)
  const changedAt = statSync(paths.checks, { throwIfNoEntry: false })?.mtimeMs
  if (changedAt === undefined) throw noChecks(paths.slug)
  const before = known.get(paths.checks)
  if (before?.changedAt === changedAt) return before.definition
  // A module is evaluated once for each address: a changed file needs another one.
  const url = pathToFileURL(paths.checks).href + (before === undefined ? '' : `?changed=${String(changedAt)}`)
  const definition = inTurn(() => read(paths.slug, url))
  known.set(paths.checks, { changedAt, definition })
  return definition
}

async function read(slug: string, url: string): Promise<LabDefinition> {
  const draft = beginDraft()
  await import(/* @vite-ignore */ url)
  return finishDraft(slug, draft)
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
