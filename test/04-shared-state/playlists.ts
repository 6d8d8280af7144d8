/** Playlists, and how a check writes and reads them. */
import type { CheckContext, Client, Reply } from '../harness/lab.ts'

export interface Playlist {
  title: string
  tracks: string[]
}

export type Random = CheckContext['random']

/** The exact status of a success is a matter of `if-match`, `create-once` and `requests-a-song`; other checks need to know that it was done. */
export const done = [200, 201, 204]
export const jsonType = { 'content-type': 'application/json' }
export const isNew = { 'if-none-match': '*' }

export function newPlaylist(random: Random): Playlist {
  return { title: `${random.word()} ${random.word()}`, tracks: [random.word(), random.word(), random.word()] }
}

/** A path at which nothing is yet. */
export function newPath(random: Random): string {
  return `/playlists/${random.word()}-${String(random.integer(100, 999))}`
}

/** Writes a new playlist, and returns it with its path and its tag. */
export async function create({ client, random }: CheckContext): Promise<{ path: string; playlist: Playlist; tag: string }> {
  const [path, playlist] = [newPath(random), newPlaylist(random)]
  const made = await client.put(path, { json: playlist, headers: isNew })
  made.hasStatus(done)
  const { tag } = await read(client, path)
  return { path, playlist, tag }
}

/** Reads a playlist and its tag. */
export async function read(client: Client, path: string): Promise<{ reply: Reply; tag: string }> {
  const reply = await client.get(path)
  reply.hasStatus(200).hasHeader('ETag')
  return { reply, tag: reply.headers.etag ?? '' }
}

/** Tags that are not this one, though a search inside them, or a look at their beginning alone, takes them for it. */
export function tagsLike(tag: string): string[] {
  const text = tag.replace(/^W\//, '').slice(1, -1)
  return [`"${text}x"`, `"x${text}"`, `"${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}"`]
}

/** Title and tracks of an answer; whatever else is in it does no harm. */
export function playlistIn(reply: Reply): Partial<Playlist> {
  const { title, tracks } = reply.json<Partial<Playlist> | null>() ?? {}
  return { title, tracks }
}

function isPlaylist(reply: Reply, expected: Playlist): boolean {
  return JSON.stringify(playlistIn(reply)) === JSON.stringify({ title: expected.title, tracks: expected.tracks })
}

/** An expectation that the answer is this playlist. */
export function holds({ expect }: CheckContext, what: string, reply: Reply, expected: Playlist): void {
  expect(what, isPlaylist(reply, expected), { expected, actual: playlistIn(reply) })
}

/** The playlist is still what it was. */
export async function isKept(context: CheckContext, path: string, expected: Playlist): Promise<void> {
  const { reply } = await read(context.client, path)
  holds(context, 'the playlist is as it was before', reply, expected)
}
