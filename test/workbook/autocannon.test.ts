/** A load generator that nobody here wrote, against chapter 04's reference: whatever it was told is done must be there. */
import autocannon from 'autocannon'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findLab, ROOT } from '../harness/labs.ts'
import { createLauncher } from '../harness/launcher/launcher.ts'
import type { Program } from '../harness/types/index.ts'

const CONNECTIONS = 8
const SECONDS = 2
const JSON_TYPE = { 'content-type': 'application/json' }

interface Playlist {
  title: string
  tracks: string[]
}

/** What one connection does by turns: it reads, and writes what it has read and one track more. */
interface Editor {
  tag?: string
  tracks?: string[]
  adding?: string
}

const launcher = createLauncher()
let program: Program

beforeAll(async () => {
  program = await launcher.start({ target: { kind: 'file', file: findLab('04').solution }, cwd: ROOT, env: {}, preload: [], warm: false })
  expect(await program.ready()).toBeNull()
})

afterAll(() => launcher.close())

describe('autocannon on 04-shared-state', () => {
  test('every acknowledged update is there, and nothing is answered with 5xx', async () => {
    const url = `${program.origin}/playlists/load`
    await fetch(url, { method: 'PUT', headers: { ...JSON_TYPE, 'if-none-match': '*' }, body: JSON.stringify({ title: 'Load', tracks: [] }) })
    const acknowledged: string[] = []
    const statuses: Record<number, number> = {}
    let sent = 0
    const count = (status: number): void => { statuses[status] = (statuses[status] ?? 0) + 1 }
    await autocannon({
      url,
      connections: CONNECTIONS,
      duration: SECONDS,
      requests: [
        {
          method: 'GET',
          onResponse: (status, body, context, headers) => {
            count(status)
            Object.assign(context, { tag: tagIn(headers), tracks: (JSON.parse(body) as Playlist).tracks } satisfies Editor)
          },
        },
        {
          method: 'PUT',
          setupRequest: (request, context) => {
            const editor = context as Editor
            editor.adding = `track ${String(sent++)}`
            // A playlist has at most 100 tracks: the newest are kept, the oldest go.
            const body = JSON.stringify({ title: 'Load', tracks: [...(editor.tracks ?? []), editor.adding].slice(-100) })
            return { ...request, headers: { ...JSON_TYPE, 'if-match': editor.tag ?? '' }, body }
          },
          onResponse: (status, _body, context) => {
            count(status)
            if (status === 200) acknowledged.push((context as Editor).adding ?? '')
          },
        },
      ],
    })
    const { tracks } = (await (await fetch(url)).json()) as Playlist
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(statuses[412]).toBeGreaterThan(0)
    expect(Object.keys(statuses).filter((status) => !['200', '412'].includes(status))).toEqual([])
    // What was under way when the time was over may have been carried out, and its answer not read.
    const recent = new Set(tracks)
    const known = tracks.filter((track) => acknowledged.includes(track))
    expect(tracks.length - known.length).toBeLessThanOrEqual(CONNECTIONS)
    // The oldest of those that are left may have been acknowledged in another order than they were written.
    expect(acknowledged.slice(-Math.max(1, known.length - CONNECTIONS)).filter((track) => !recent.has(track))).toEqual([])
    expect(await program.diagnose()).toBeNull()
  }, 30_000)

  test('one key from all connections at once is one song', async () => {
    const url = `${program.origin}/requests`
    const result = await autocannon({
      url, connections: CONNECTIONS, amount: 200, method: 'POST', headers: { ...JSON_TYPE, 'idempotency-key': 'load-1' }, body: '{"song":"Fog"}',
    })
    expect([result['2xx'], result.non2xx, result.errors]).toEqual([200, 0, 0])
    expect(await (await fetch(url)).json()).toHaveLength(1)
  }, 30_000)
})

/** autocannon gives headers as an object, or as pairs in one list. */
function tagIn(headers: unknown): string {
  const pairs = Array.isArray(headers) ? (headers as string[]) : Object.entries(headers as Record<string, string>).flat()
  const place = pairs.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'etag')
  return pairs[place + 1] ?? ''
}
