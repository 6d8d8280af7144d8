import { check, hasArrived } from '../harness/lab.ts'
import type { CheckContext, Client, Reply } from '../harness/lab.ts'
import { AT_THE_DOOR, whileHeld } from './at-once.ts'
import { create, done, holds, isNew, newPath, newPlaylist, playlistIn, read } from './playlists.ts'
import { ask, newKey, requestIn } from './songs.ts'
import type { SongRequest } from './songs.ts'
import { rawJson, rawRequest, sendRaw } from './wire.ts'
import type { Connection, Headers } from './wire.ts'

const EDITORS = 4
const TRACKS_EACH = 5

/** One writer gets through in each round: a program that is right needs no more rounds than there are tracks. */
const MAX_ROUNDS = 2 * EDITORS * TRACKS_EACH

/** What was acknowledged is there, and who waits is not held up. */
export function noLostUpdate(): void {
  check('no-lost-update', `${String(EDITORS)} editors add ${String(TRACKS_EACH)} tracks each, all at once, and every acknowledged track is there in the end`, {
    withinMs: 20_000,
    hints: [
      'Each editor reads, adds a track and writes all back. Who writes what was read before another’s write takes the other’s track away, and both had heard 200.',
      'See “The track that vanished” and “Check and write in one turn”.',
      'A write whose tag is no longer current must get 412, also when both come at the same moment; the editor then reads again and adds the track to what is there now.',
    ],
  }, async ({ client, random, inOneStep, measure, expect }) => {
    const path = newPath(random)
    const created = await client.put(path, { json: { title: random.word(), tracks: [random.word()] }, headers: isNew })
    created.hasStatus(done)
    const editors = Array.from({ length: EDITORS }, () => Array.from({ length: TRACKS_EACH }, () => random.word()))
    const story = `${String(EDITORS)} editors, again and again: all GET ${path}, all PUT it with a track more and the tag; who gets 412 tries again`
    const { acknowledged, refusals, left } = await inOneStep(story, () => editAll(client, path, editors))
    const after = await client.get(path)
    const tracks = playlistIn(after).tracks ?? []
    const lost = acknowledged.filter((track) => !tracks.includes(track))
    measure('acknowledged updates', acknowledged.length)
    measure('lost updates', lost.length)
    measure('refused updates', refusals)
    expect('every acknowledged track is in the playlist', lost.length === 0, {
      expected: `none of ${String(acknowledged.length)} lost`,
      actual: `${String(lost.length)} of ${String(acknowledged.length)} lost: ${lost.join(', ')}`,
    })
    const twice = acknowledged.filter((track) => tracks.filter((one) => one === track).length > 1)
    expect('no track is there twice', twice.length === 0, { actual: twice })
    expect('in each round somebody gets through, so all are done in the end', left === 0, {
      expected: `all ${String(EDITORS * TRACKS_EACH)} tracks acknowledged`, actual: `${String(left)} refused in every one of ${String(MAX_ROUNDS)} rounds`,
    })
  })

  check('read-your-write', 'The GET that follows a 200 or 201 at once shows what was written', {
    withinMs: 10_000,
    hints: [
      'An answer 200 or 201 is a promise: it is done. Who reads after that, even in the same moment, must see it.',
      'See “The store takes its time”, and the contract, “What was acknowledged is there”.',
      'In which order do you answer and write? Wait until the store has written, and answer then.',
    ],
  }, async (context) => {
    const { client, random, expect } = context
    const { path, tag } = await create(context)
    let current = tag
    for (let round = 1; round <= READS; round += 1) {
      const [next, song] = [newPlaylist(random), `${random.word()} ${random.word()}`]
      const read = await readBehind(client, rawJson('PUT', path, { 'If-Match': current }, JSON.stringify(next)), path)
      holds(context, 'the playlist that is read is the one that was written', read, next)
      current = read.headers.etag ?? ''
      const list = await readBehind(client, rawJson('POST', '/requests', { 'Idempotency-Key': newKey(random) }, JSON.stringify({ song })), '/requests')
      const isThere = (list.json<SongRequest[] | null>() ?? []).some((one) => one.song === song)
      expect('the list has the song that was just taken', isThere, { expected: song, actual: list.text.slice(-200) })
    }
  })

  check('hang-up-in-line', 'Clients that hang up while they wait for their turn hold up nobody', {
    withinMs: 15_000,
    hints: [
      'Whoever has left the line still has a place in it. When its turn comes it must end like any other, though nobody is there to hear the answer.',
      'See “Check and write in one turn”.',
      'What does your program do in a turn when the connection is gone? An error, or a promise that never ends, must not keep the turn.',
    ],
  }, async (context) => {
    const { client, random } = context
    const { path, tag } = await create(context)
    await hangUpInLine(context, rawJson('PUT', path, { 'If-Match': tag }, JSON.stringify(newPlaylist(random))))
    // One who has hung up may still be the one who wins.
    const { tag: current } = await read(client, path)
    const next = await client.put(path, { json: newPlaylist(random), headers: { 'if-match': current }, withinMs: 4_000 })
    next.hasStatus([...done, 412])
    const [key, song] = [newKey(random), `${random.word()} ${random.word()}`]
    await hangUpInLine(context, rawJson('POST', '/requests', { 'Idempotency-Key': key }, JSON.stringify({ song })))
    requestIn(await ask(client, key, song, 4_000), song)
  })
}

/** Many send the same at once, and hang up as soon as the first has its answer. */
async function hangUpInLine(context: CheckContext, request: string): Promise<void> {
  const { client, note } = context
  const connections: Connection[] = []
  for (let index = 0; index < 6 * AT_THE_DOOR; index += 1) {
    const connection = await client.connect()
    await sendRaw(connection, request.slice(0, -1))
    if (connections.push(connection) % AT_THE_DOOR === 0) await hasArrived(client, '/requests')
  }
  await whileHeld(context, () => Promise.all(connections.map((connection) => sendRaw(connection, request.slice(-1)))))
  await connections[0]?.reply()
  note('the first has its answer; all others hang up')
  await whileHeld(context, () => {
    for (const connection of connections.slice(1)) connection.reset()
    return Promise.resolve()
  })
}

interface Edited {
  acknowledged: string[]
  refusals: number
  /** Tracks that were refused to the end. */
  left: number
}

/** Editors add their tracks in rounds: all who have one left read, and then all write what they have read and one track more. */
async function editAll(client: Client, path: string, editors: readonly string[][]): Promise<Edited> {
  const waiting = editors.map((tracks) => [...tracks])
  const edited: Edited = { acknowledged: [], refusals: 0, left: 0 }
  for (let round = 0; round < MAX_ROUNDS && waiting.flat().length > 0; round += 1) {
    const active = waiting.filter((tracks) => tracks.length > 0)
    const before = await Promise.all(active.map(() => client.get(path)))
    const replies = await Promise.all(active.map((tracks, index) => addTrack(client, path, before[index], tracks[0] ?? '')))
    for (const [index, reply] of replies.entries()) {
      if (reply.status === 412) edited.refusals += 1
      else edited.acknowledged.push(active[index]?.shift() ?? '')
    }
  }
  return { ...edited, left: waiting.flat().length }
}

/** Writes what was read and one track more, on the condition that it is still what was read. */
async function addTrack(client: Client, path: string, before: Reply | undefined, track: string): Promise<Reply> {
  before?.hasStatus(200)
  const { title = '', tracks = [] } = before === undefined ? {} : playlistIn(before)
  const etag = before?.headers.etag
  // A program that sends no tag can still be measured.
  const headers: Headers = etag === undefined ? {} : { 'if-match': etag }
  const reply = await client.put(path, { json: { title, tracks: [...tracks, track] }, headers })
  return reply.hasStatus([...done, 412])
}

/** How often: the gap that is looked for is short. */
const READS = 8

/** Writes, and reads so soon after the answer that only one byte has still to be sent. */
async function readBehind(client: Client, write: string, path: string): Promise<Reply> {
  const [writer, reader] = [await client.connect(), await client.connect()]
  const question = rawRequest('GET', path, { Connection: 'close' })
  await sendRaw(reader, question.slice(0, -1))
  await sendRaw(writer, write)
  const written = await writer.reply()
  await sendRaw(reader, question.slice(-1))
  written.hasStatus(done)
  const read = await reader.reply()
  writer.end()
  return read.hasStatus(200)
}
