/** Requests for songs, and how a check sends and lists them. */
import type { CheckContext, Client, Reply } from '../harness/lab.ts'
import { done } from './playlists.ts'
import type { Random } from './playlists.ts'

export interface SongRequest {
  id: string
  song: string
}

/** Sends a song with a key. */
export function ask(client: Client, key: string, song: string, withinMs?: number): Promise<Reply> {
  return client.post('/requests', { json: { song }, headers: { 'idempotency-key': key }, ...(withinMs !== undefined && { withinMs }) })
}

/** A key as clients make them: long, and never used before. */
export function newKey(random: Random): string {
  return `${random.word()}-${random.word()}-${String(random.integer(1_000, 9_999))}`
}

/** All requests that the server lists for a song. */
async function listed(client: Client, song: string): Promise<SongRequest[]> {
  const reply = await client.get('/requests')
  reply.hasStatus(200)
  reply.satisfies('the list is an array of objects', () => {
    const all = reply.json()
    return Array.isArray(all) && all.every((one) => typeof one === 'object' && one !== null)
  })
  return reply.json<SongRequest[]>().filter((one) => one.song === song)
}

/** How often the list is read before a song is given up. */
const MAX_LOOKS = 15
const BETWEEN_LOOKS_MS = 20

/** Until the list has the song, or for a while: a request whose client has hung up need not count. */
export function untilListed({ client, inOneStep, sleep }: CheckContext, song: string): Promise<void> {
  return inOneStep('GET /requests again and again, until the song is there or has had time enough', async () => {
    for (let look = 0; look < MAX_LOOKS; look += 1) {
      if ((await listed(client, song)).length > 0) return
      await sleep(BETWEEN_LOOKS_MS)
    }
  })
}

/** The song stands in the list so many times. */
export function isListed({ client, expect, eventually }: CheckContext, song: string, times: number): Promise<SongRequest[]> {
  const many = times === 0 ? 'not at all' : times === 1 ? 'once' : `${String(times)} times`
  // Whether it is there at once is the matter of `read-your-write` alone.
  return eventually(`the list has the song ${many}`, 300, async () => {
    const found = await listed(client, song)
    expect(`the list has the song ${many}`, found.length === times, { expected: times, actual: found })
    return found
  })
}

/** The id and song of an answer to a request that was taken. */
export function requestIn(reply: Reply, song: string): SongRequest {
  reply.hasStatus(done).satisfies('the answer is the request: its id, a text, and its song', () => {
    const made = reply.json<Partial<SongRequest> | null>()
    return typeof made?.id === 'string' && made.id !== '' && made.song === song
  })
  const { id } = reply.json<SongRequest>()
  return { id, song }
}
