import { check } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { atOnce, lineUp, races, tally, whileHeld } from './at-once.ts'
import { create, done, holds, isNew, newPath, newPlaylist, read } from './playlists.ts'
import { rawJson, sendRaw } from './wire.ts'
import type { Connection, Headers } from './wire.ts'

/** Many write at the same moment, and one is let through. */
export function oneWinner(): void {
  check('create-once', 'Of 20 clients who create the same playlist at once, one gets 201 and 19 get 412', {
    withinMs: 15_000,
    hints: [
      'If-None-Match: * says: only if there is none yet. Between your look into the store and your write, 19 others look, too, and all see nothing.',
      'See “Check and write in one turn”.',
      'Nobody may look at a playlist between another’s look and write. Give each name a line in which the writers of this name wait.',
    ],
  }, async (context) => {
    for (let race = 1; race <= races(context); race += 1) {
      const path = newPath(context.random)
      await oneWins(context, { path, rivals: 20, headers: isNew, status: 201, said: 'If-None-Match: *' })
      const { tag } = await read(context.client, path)
      const late = await context.client.put(path, { json: newPlaylist(context.random), headers: isNew })
      late.hasStatus(412).hasJsonError()
      const { tag: kept } = await read(context.client, path)
      context.expect('what was refused has left the tag as it was', kept === tag, { expected: tag, actual: kept })
    }
  })

  check('one-winner', 'Of 50 clients who write over the same tag at once, one gets 200 and 49 get 412', {
    withinMs: 30_000,
    hints: [
      'The tag was right when you looked. While the store takes its time to write, others look as well, and all find it right.',
      'See “Check and write in one turn”.',
      'Reading, comparing and writing are one piece of work, in which no other write of this playlist begins. Several winners: does a refusal, or one who leaves, let in more than the next? None: does a refusal let in nobody?',
    ],
  }, async (context) => {
    const { client, random } = context
    const { path, tag: old } = await create(context)
    const changed = await client.put(path, { json: newPlaylist(random), headers: { 'if-match': old } })
    changed.hasStatus(done)
    const stale = rawJson('PUT', path, { 'If-Match': old }, JSON.stringify(newPlaylist(random)))
    // More than one race, for the late ones may come too late.
    for (let race = 1; race <= 2; race += 1) {
      const { tag } = await read(client, path)
      const said = 'the same tag; the first in line has an old one'
      await oneWins(context, { path, rivals: 49, headers: { 'If-Match': tag }, status: 200, said, stale: [stale], late: 20 })
    }
    // Few, so that all are in line before the one in front is refused.
    for (let race = 1; race <= 3; race += 1) {
      const { tag } = await read(client, path)
      await oneWins(context, { path, rivals: 5, headers: { 'If-Match': tag }, status: 200, said: 'the same tag; the first in line has an old one', stale: [stale] })
    }
    for (let race = 1; race <= races(context); race += 1) await oneOfTwo(context, path)
    await oneOfTheNewcomers(context, path)
  })
}

/** Two name the current tag, one of them beside another tag: of these, too, one wins. */
async function oneOfTwo(context: CheckContext, path: string): Promise<void> {
  const { client, random, inOneStep, expect } = context
  const { tag } = await read(client, path)
  const conditions = [tag, `"${random.word()}", ${tag}`]
  const replies = await inOneStep(`2 clients send PUT ${path} at once, one with the current tag, one with another tag and the current one`, () => (
    atOnce(context, conditions.map((tags) => rawJson('PUT', path, { 'If-Match': tags }, JSON.stringify(newPlaylist(random)))))
  ))
  const expected = '1 × 200, 1 × 412'
  expect('one of them wins, and the other is refused', tally(replies) === expected, { expected, actual: tally(replies) })
}

/** How many come one after the other, and how soon: sooner than a write through a store is done. */
const NEWCOMERS = 8
const BETWEEN_NEWCOMERS_MS = 4

/** While those who lost still wait in line, others come who have the winner’s tag: of them, too, one wins. */
async function oneOfTheNewcomers(context: CheckContext, path: string): Promise<void> {
  const { client, random, inOneStep, expect, sleep } = context
  const { tag } = await read(client, path)
  const put = (current: string): string => rawJson('PUT', path, { 'If-Match': current }, JSON.stringify(newPlaylist(random)))
  const said = `40 clients write ${path} with one tag, and ${String(NEWCOMERS)} with the tag of what the first of them wrote, while the others still wait`
  const replies = await inOneStep(said, async () => {
    const newcomers: Connection[] = []
    while (newcomers.length < NEWCOMERS) newcomers.push(await client.connect())
    const { connections, complete } = await lineUp(client, Array.from({ length: 40 }, () => put(tag)))
    await whileHeld(context, () => complete(0, connections.length))
    const answers = connections.map((connection) => connection.reply())
    await Promise.any(answers.map(async (answer) => (await answer).status === 200 || Promise.reject(new Error('lost')))).catch(() => undefined)
    const { tag: won } = await read(client, path)
    for (const connection of newcomers) {
      await sendRaw(connection, put(won))
      await sleep(BETWEEN_NEWCOMERS_MS)
    }
    await Promise.all(answers)
    return Promise.all(newcomers.map((connection) => connection.reply()))
  })
  const expected = `1 × 200, ${String(NEWCOMERS - 1)} × 412`
  expect('one of the newcomers wins, and all others are refused', tally(replies) === expected, { expected, actual: tally(replies) })
}

interface Race {
  path: string
  /** How many write at once. */
  rivals: number
  /** What all of them send. */
  headers: Headers
  /** Of the one who wins. */
  status: number
  said: string
  /** Requests that stand in front of theirs, and are to be refused. */
  stale?: readonly string[]
  /** So many of the rivals come when the line is already moving. */
  late?: number
}

async function oneWins(context: CheckContext, { path, rivals, headers, status, said, stale = [], late }: Race): Promise<void> {
  const { client, random, inOneStep, expect } = context
  const playlists = Array.from({ length: rivals }, () => newPlaylist(random))
  const all = rivals + stale.length
  const replies = await inOneStep(`${String(all)} clients send PUT ${path} at once, with ${said}`, () => (
    atOnce(context, [...stale, ...playlists.map((playlist) => rawJson('PUT', path, headers, JSON.stringify(playlist)))], late)
  ))
  const expected = `1 × ${String(status)}, ${String(all - 1)} × 412`
  expect('one of them wins, and all others are refused', tally(replies) === expected, { expected, actual: tally(replies) })
  const winner = playlists[replies.findIndex((reply) => reply.status === status) - stale.length]
  const { reply } = await read(client, path)
  if (winner !== undefined) holds(context, 'the playlist is what the winner wrote', reply, winner)
}
