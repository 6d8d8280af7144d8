import { check, chunk, hasArrived } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { create, done, isKept, isNew, jsonType, newPath, newPlaylist } from './playlists.ts'
import { ask, isListed, newKey, requestIn } from './songs.ts'
import { rawJson, rawRequest, sendRaw } from './wire.ts'

const chunkedJson = { ...jsonType, 'Transfer-Encoding': 'chunked' }

/** Bodies that break off, and bodies that stall. */
export function uploads(): void {
  check('aborted-upload', 'A body that ends before it is complete counts for nothing, even if it is whole JSON', {
    withinMs: 15_000,
    hints: [
      'The connection can end at any byte. What came until then may even be valid JSON; the sender never finished, so nothing was sent.',
      'See chapter 01, “A packet is not a request”, and “The key and the work are one”.',
      'Write when the body is complete: as many bytes as announced, or the chunk of length 0. The end of the connection is no such sign.',
    ],
  }, async (context) => {
    const { client, random, note } = context
    const { path, playlist, tag } = await create(context)
    const song = `${random.word()} ${random.word()}`
    const [changed, wish] = [JSON.stringify(newPlaylist(random)), JSON.stringify({ song })]
    const key = newKey(random)
    const nowhere = newPath(random)
    const uploads = [
      rawJson('PUT', path, { 'If-Match': tag, 'Content-Length': String(changed.length + 40) }, changed),
      rawJson('POST', '/requests', { 'Idempotency-Key': key, 'Content-Length': String(wish.length + 40) }, wish),
      rawRequest('PUT', path, { 'If-Match': tag, ...chunkedJson }, chunk(changed)),
      rawRequest('POST', '/requests', { 'Idempotency-Key': key, ...chunkedJson }, chunk(wish)),
      rawJson('PUT', nowhere, { 'If-None-Match': '*', 'Content-Length': String(changed.length + 40) }, changed),
    ]
    for (const upload of uploads) {
      const connection = await client.connect()
      await sendRaw(connection, upload)
      note('the upload breaks off before its end')
      connection.end()
      await connection.closed({ withinMs: 1_000 }).catch(() => note('the server keeps the connection open'))
    }
    await isKept(context, path, playlist)
    // Whoever took the uploads may still be writing. These come behind that.
    note('the tag is still the current one, and the key is still free')
    const update = await client.put(path, { json: playlist, headers: { 'if-match': tag } })
    update.hasStatus(done)
    await isKept(context, path, playlist)
    const other = `${random.word()} ${random.word()}`
    requestIn(await ask(client, key, other), other)
    await isListed(context, song, 0)
    note('the playlist that was not yet there is still not there, and can be created')
    const missing = await client.get(nowhere)
    missing.hasStatus(404)
    const created = await client.put(nowhere, { json: playlist, headers: isNew })
    created.hasStatus(done)
    await isKept(context, nowhere, playlist)
  })

  check('slow-editor', 'An upload that stalls keeps nobody else from writing, and is judged by what is there when it is complete', {
    withinMs: 10_000,
    hints: [
      'A line of writers moves only as fast as the one in front. Whoever still has half a body to send must not stand in it.',
      'See “Check and write in one turn”: when the turn begins.',
      'Read the whole body first. Then wait for the turn, and only in it read the store and compare the tag.',
    ],
  }, async (context) => {
    const { client, random, note } = context
    const { path, tag } = await create(context)
    const [slow, quick] = [newPlaylist(random), newPlaylist(random)]
    const connection = await client.connect()
    const upload = rawJson('PUT', path, { 'If-Match': tag }, JSON.stringify(slow))
    await sendRaw(connection, upload.slice(0, -10))
    await hasArrived(client, '/requests')
    note('half of an update has come, and now it stalls')
    const passing = await client.put(path, { json: quick, headers: { 'if-match': tag }, withinMs: 3_000 })
    passing.hasStatus(done)
    note('the slow one sends the rest')
    await sendRaw(connection, upload.slice(-10))
    const reply = await connection.reply()
    reply.hasStatus(412).hasJsonError()
    await isKept(context, path, quick)
    await stallsInCreating(context)
    await stallsWithSong(context)
  })
}

/** A new playlist stalls, and somebody else creates it meanwhile. */
async function stallsInCreating(context: CheckContext): Promise<void> {
  const { client, random, note } = context
  const [path, quick] = [newPath(random), newPlaylist(random)]
  const connection = await client.connect()
  const upload = rawJson('PUT', path, { 'If-None-Match': '*' }, JSON.stringify(newPlaylist(random)))
  await sendRaw(connection, upload.slice(0, -10))
  await hasArrived(client, '/requests')
  note('half of a new playlist has come, and now it stalls')
  const missing = await client.get(path, { withinMs: 2_000 })
  missing.hasStatus(404)
  const passing = await client.put(path, { json: quick, headers: isNew, withinMs: 2_000 })
  passing.hasStatus(done)
  note('the slow one sends the rest')
  await sendRaw(connection, upload.slice(-10))
  const reply = await connection.reply()
  reply.hasStatus(412).hasJsonError()
  await isKept(context, path, quick)
}

/** A song request stalls, in the middle of a letter. */
async function stallsWithSong({ client, random, note, expect }: CheckContext): Promise<void> {
  const [key, song] = [newKey(random), `${random.word()} ñ`]
  const connection = await client.connect()
  const upload = rawJson('POST', '/requests', { 'Idempotency-Key': key }, JSON.stringify({ song }))
  await sendRaw(connection, upload.slice(0, -3))
  await hasArrived(client, '/requests')
  note('half of a song request has come, and now it stalls')
  const other = `${random.word()} ${random.word()}`
  requestIn(await ask(client, newKey(random), other, 2_000), other)
  const retried = requestIn(await ask(client, key, song, 2_000), song)
  note('the slow one sends the rest')
  await sendRaw(connection, upload.slice(-3))
  const late = requestIn(await connection.reply(), song)
  expect('it is the request that the retry made', late.id === retried.id, { expected: retried.id, actual: late.id })
}
