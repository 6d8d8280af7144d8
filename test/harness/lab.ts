/** What a check file imports. */
import type { CheckContext, CheckDefinition, CheckOptions, LabDefinition, LabOptions } from './types/index.ts'

export { hasArrived } from './client/has-arrived.ts'
export { chunk, jsonHeaders, LAST_CHUNK, rawJson, rawRequest } from './client/raw-request.ts'
export { isRefusedAsTooLarge } from './client/too-large.ts'
export { CheckFailure } from './failure.ts'
export type { CheckContext, Client, Copy, Reply, TestLink, TestPeer } from './types/index.ts'

/** A lab while its check file is being read. */
export interface LabDraft {
  options?: LabOptions
  checks: CheckDefinition[]
  /** Set by vitest's set-up: is told of each lab and check as it is read. */
  onLab?: (options: LabOptions) => void
  onCheck?: (check: CheckDefinition) => void
}

/**
 * On the global object, and not in this module, because a reloaded check file brings a module of its own
 * while its reader keeps the first.
 */
const KEY = Symbol.for('harbour-radio.lab-draft')
const holder = globalThis as { [KEY]?: LabDraft }

/** Declares the lab that this file checks. Once, before its checks. */
export function lab(options: LabOptions): void {
  const draft = currentDraft()
  if (draft.options !== undefined) throw new Error('lab() was called twice in one check file')
  draft.options = options
  draft.onLab?.(options)
}

/**
 * Declares a check: vitest runs it as a test, the judge as a part of its verdict.
 * @param id what a wrong program names in its first line; unique in its lab
 * @param title a sentence that says what must hold
 */
export function check(
  id: string,
  title: string,
  options: CheckOptions,
  run: (context: CheckContext) => Promise<void>,
): void {
  const draft = currentDraft()
  if (draft.options === undefined) throw new Error(`check('${id}') came before lab()`)
  if (draft.checks.some((known) => known.id === id)) throw new Error(`check('${id}') was declared twice`)
  const definition = { id, title, ...options, run }
  draft.checks.push(definition)
  draft.onCheck?.(definition)
}

/** Begins a fresh draft; what the next check file declares goes there. */
export function beginDraft(listeners: Pick<LabDraft, 'onLab' | 'onCheck'> = {}): LabDraft {
  const draft: LabDraft = { checks: [], ...listeners }
  holder[KEY] = draft
  return draft
}

/** The draft as a definition. @throws Error when the file declared no lab or no check */
export function finishDraft(slug: string, draft: LabDraft): LabDefinition {
  if (draft.options === undefined) throw new Error(`test/${slug}.test.ts calls lab() nowhere`)
  if (draft.checks.length === 0) throw new Error(`test/${slug}.test.ts declares no check`)
  return { slug, ...draft.options, checks: draft.checks }
}

function currentDraft(): LabDraft {
  const draft = holder[KEY]
  if (draft === undefined) {
    throw new Error('A check file is run by `npx vitest 01` or `npm run check 01`, not by itself.')
  }
  return draft
}
