/** Shows, and how a check writes and finds them. */
import { rawRequest } from '../harness/lab.ts'
import type { CheckContext, Client, Reply } from '../harness/lab.ts'

export interface Show {
  id: string
  title: string
  minutes: number
}

type Random = CheckContext['random']
type Connection = Awaited<ReturnType<Client['connect']>>

/** The exact status is a matter of `creates-with-location` alone; other checks need to know that the show was taken. */
export const taken = [200, 201]
export const jsonType = { 'content-type': 'application/json' }
/** The headers of a JSON body in chunks, on a bare connection. */
export const inChunks = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' }

/** A copy with a guide of its own, empty at first: what is put there, later lists need not carry. */
export const FRESH = { name: 'fresh' }

/** A new show as a client sends it. */
export function newShow(random: Random): Omit<Show, 'id'> {
  return { title: `${random.word()} ${random.word()}`, minutes: random.integer(2, 1439) }
}

/** The path in Location, whether it is relative or absolute; undefined when it is none of a show. */
export function locationOf(reply: Reply): string | undefined {
  const location = reply.headers.location ?? ''
  if (!URL.canParse(location, 'http://localhost/shows')) return undefined
  const { pathname } = new URL(location, 'http://localhost/shows')
  return /^\/shows\/[^/]+$/.test(pathname) ? pathname : undefined
}

/** The id in Location, whatever of it is escaped; undefined when that is no path of a show, or badly escaped. */
export function idInLocation(reply: Reply): string | undefined {
  try {
    return decodeURIComponent(locationOf(reply)?.slice('/shows/'.length) ?? '')
  } catch {
    return undefined
  }
}

/** The id in the body, which may be any JSON. */
export function idOf(reply: Reply): string | undefined {
  return reply.json<Show | null>()?.id
}

/** Where a new show lives: what Location says, or what the id gives where Location is no use. */
export function pathOf(reply: Reply): string {
  const location = locationOf(reply)
  if (location !== undefined) return location
  return `/shows/${encodeURIComponent(String(idOf(reply)))}`
}

/** Adds a show and returns it with its path. */
export async function addShow(client: Client, random: Random, sent = newShow(random)): Promise<Show & { path: string }> {
  const reply = await client.post('/shows', { json: sent })
  reply.hasStatus(taken)
  return { ...reply.json<Show>(), path: pathOf(reply) }
}

/** No show has these ids: names that every object of some languages has, and letters that a sentence about them must escape or count right. */
export const UNKNOWN_PATHS = ['constructor', '__proto__', 'toString', '%22', '%C3%B1%C3%B1'].map((id) => `/shows/${id}`)

/** A path whose id some parsers of numbers take for this show's: they read no further than its digits. */
export function longerPath({ path }: { path: string }): string {
  return `${path}abc`
}

/**
 * Takes a show out of the guide when the check ends, so that no later list has to carry its letters. Not by the check's
 * client: this is no step of the story, and nothing to try by hand.
 */
export function removeAtEnd({ client, onEnd }: Pick<CheckContext, 'client' | 'onEnd'>, path: string): void {
  onEnd(async () => {
    const url = new URL(path, client.origin)
    const response = await fetch(url, { method: 'DELETE', signal: AbortSignal.timeout(1_000) })
    await response.body?.cancel()
  })
}

/** The whole guide. */
export async function guide(client: Client): Promise<Show[]> {
  const reply = await client.get('/shows')
  reply.hasStatus(200).hasContentType('application/json')
  reply.satisfies('the guide is an array of objects', () => {
    const shows = reply.json()
    return Array.isArray(shows) && shows.every((show) => typeof show === 'object' && show !== null)
  })
  return reply.json<Show[]>()
}

export function isShow(show: unknown, like: Partial<Show>): boolean {
  if (typeof show !== 'object' || show === null) return false
  const { id, title, minutes } = show as Show
  return typeof id === 'string' && id !== '' && title === like.title && minutes === like.minutes
}

/** The next answer; undefined where the connection has closed without a whole one. */
export async function replyUnlessClosed(connection: Connection, options: { withinMs?: number } = {}): Promise<Reply | undefined> {
  try {
    return await connection.reply(options)
  } catch (error) {
    await connection.closed({ withinMs: 1 }).catch(() => { throw error })
    return undefined
  }
}

/** Behind the body of a request that was refused, the next one on the same connection gets its own answer; or the connection closes. */
export async function goesOn(connection: Connection, refused: Reply): Promise<void> {
  if (refused.isLast) return
  await connection.send(rawRequest('GET', '/shows'))
  const next = await replyUnlessClosed(connection)
  next?.satisfies('the next request on this connection gets its own answer', () => next.status === 200, () => next.status)
}

/** What was refused has left no trace: the guide has the shows that it had before, and no other. */
export async function isAsBefore({ client, expect }: CheckContext, before: Show[]): Promise<void> {
  const after = await guide(client)
  const [were, are] = [before, after].map((shows) => shows.map((show) => JSON.stringify(show))) as [string[], string[]]
  const [added, lost] = [are.filter((show) => !were.includes(show)), were.filter((show) => !are.includes(show))]
  expect('the guide is as it was before', added.length === 0 && lost.length === 0, {
    expected: 'the same shows as before', actual: { added: added.slice(-3), lost: lost.slice(-3) },
  })
}
