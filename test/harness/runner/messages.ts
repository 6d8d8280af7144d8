import type { PageMessage, ServerMessage } from '../types/index.ts'

/** From the dev server to its runner. A client is one open page, numbered by the dev server. */
export type ToRunner = { type: 'page'; client: number; message: PageMessage } | { type: 'gone'; client: number }

/** From the runner to the dev server. Without a client: to every page. */
export interface FromRunner {
  client?: number
  message: ServerMessage
}

const ACTIONS = new Set(['open', 'start', 'run', 'reset', 'restore'])

/**
 * What a page sent, as a message, or undefined when it is none.
 * @param slugs the labs there are: a page names a lab by one of these, never by a path
 */
export function parsePageMessage(value: unknown, slugs: readonly string[]): PageMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { type, slug, version } = value as Record<string, unknown>
  if (typeof type !== 'string' || !ACTIONS.has(type)) return undefined
  if (typeof slug !== 'string' || !slugs.includes(slug)) return undefined
  if (type !== 'restore') return { type, slug } as PageMessage
  return Number.isSafeInteger(version) && Number(version) >= 1 ? { type, slug, version: Number(version) } : undefined
}
