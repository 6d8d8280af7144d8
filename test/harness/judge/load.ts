import { statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { beginDraft, finishDraft } from '../lab.ts'
import { findLab, ROOT } from '../labs.ts'
import type { LabDefinition } from '../types/index.ts'

const known = new Map<string, Promise<LabDefinition>>()
let queue: Promise<unknown> = Promise.resolve()

/**
 * Reads a lab's check file; again only when it has changed.
 * @param slug the lab's folder name, or what {@link findLab} understands
 * @throws Error when there is no such lab, or its check file declares nothing
 */
export async function loadLab(slug: string, root = ROOT): Promise<LabDefinition> {
  const paths = findLab(slug, root)
  const key = `${pathToFileURL(paths.checks).href}?changed=${String(statSync(paths.checks).mtimeMs)}`
  let definition = known.get(key)
  if (definition === undefined) {
    definition = inTurn(() => read(paths.slug, key))
    known.set(key, definition)
  }
  return definition
}

async function read(slug: string, url: string): Promise<LabDefinition> {
  const draft = beginDraft()
  await import(/* @vite-ignore */ url)
  return finishDraft(slug, draft)
}

/** One check file at a time: what a file declares goes into the one draft that is open. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = queue.then(work)
  queue = turn.catch(() => undefined)
  return turn
}
