import type { PageMessage, ServerMessage } from '../types/index.ts'

/** From the dev server to its runner. A client is one open page, numbered by the dev server. */
export type ToRunner = { type: 'page'; client: number; message: PageMessage } | { type: 'gone'; client: number }

/** From the runner to the dev server. Without a client: to every page. */
export interface FromRunner {
  client?: number
  message: ServerMessage
}

/** A check's id, as check files spell them. */
const CHECK_ID = /^[a-z0-9][a-z0-9-]{0,79}$/

/** What each message must carry beside its type and slug: the fields, or undefined when they are not what they should be. */
const FIELDS: Record<PageMessage['type'], (sent: Readonly<Record<string, unknown>>) => object | undefined> = {
  open: () => ({}),
  start: () => ({}),
  run: () => ({}),
  reset: () => ({}),
  restore: ({ version }) => (isVersion(version) ? { version } : undefined),
  replay: ({ check }) => (typeof check === 'string' && CHECK_ID.test(check) ? { check } : undefined),
  diff: ({ against, isSpoilerWanted }) => {
    if (against !== 'solution' && !isVersion(against)) return undefined
    return { against, isSpoilerWanted: isSpoilerWanted === true }
  },
}

/**
 * What a page sent, as a message, or undefined when it is none.
 * @param slugs the labs there are: a page names a lab by one of these, never by a path
 */
export function parsePageMessage(value: unknown, slugs: readonly string[]): PageMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const sent = value as Record<string, unknown>
  const { type, slug } = sent
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return undefined
  if (typeof slug !== 'string' || !slugs.includes(slug)) return undefined
  const fields = FIELDS[type as PageMessage['type']](sent)
  return fields === undefined ? undefined : { type, slug, ...fields } as PageMessage
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1
}
