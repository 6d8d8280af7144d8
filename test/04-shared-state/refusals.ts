import { check, isRefusedAsTooLarge } from '../harness/lab.ts'
import { create, done, holds, isKept, jsonType, newPlaylist, read } from './playlists.ts'
import type { Playlist } from './playlists.ts'
import { ask, isListed, newKey, requestIn } from './songs.ts'
import { rawRequest, sendRaw } from './wire.ts'

/** What is well-formed and yet no playlist; each is wrong in one point. */
function badPlaylists({ title, tracks }: Playlist): [string, unknown][] {
  return [
    ['a list', [title, tracks]], ['a text', title], ['null', null],
    ['no title', { tracks }], ['an empty title', { title: '', tracks }], ['a number as the title', { title: 7, tracks }], ['null as the title', { title: null, tracks }], ['a list as the title', { title: [title], tracks }],
    ['a title of 201 letters', { title: 'x'.repeat(201), tracks }],
    ['no tracks', { title }], ['a text as the tracks', { title, tracks: 'a song' }], ['an object as the tracks', { title, tracks: { length: 0 } }],
    ['a number among the tracks', { title, tracks: ['a song', 7] }], ['null among the tracks', { title, tracks: ['a song', null] }],
    ['a list among the tracks', { title, tracks: [['a song']] }], ['an empty track', { title, tracks: [''] }],
    ['a track of 201 letters', { title, tracks: ['x'.repeat(201)] }],
    ['101 tracks', { title, tracks: Array.from({ length: 101 }, (_, index) => `song ${String(index)}`) }],
  ]
}

/** What is refused, up to the very limit of what is taken. */
export function refusals(): void {
  check('bad-playlist', 'A body that is no playlist gets 400, 413, 415 or 422, and the playlist keeps its content and its tag', {
    withinMs: 10_000,
    hints: [
      'A write that is refused has not happened: the content, the tag, and whoever waits for a turn are as if it had never come.',
      'See the contract, “What is refused”.',
      'Look at the body before you wait for a turn. If you refuse inside it, the next one must get its turn all the same.',
    ],
  }, async (context) => {
    const { client, random, note, expect } = context
    const { path, playlist, tag } = await create(context)
    const headers = { ...jsonType, 'if-match': tag }
    const malformed = await client.put(path, { body: '{"title": "half', headers })
    malformed.hasStatus(400).hasJsonError()
    // The second is what curl says of itself when nobody tells it.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const typed = await client.put(path, { body: JSON.stringify(playlist), headers: { ...headers, 'content-type': type } })
      typed.hasStatus(415).hasJsonError()
    }
    note('the same without a Content-Type')
    const connection = await client.connect()
    const body = JSON.stringify(newPlaylist(random))
    await sendRaw(connection, rawRequest('PUT', path, { 'If-Match': tag, 'Content-Length': String(body.length), Connection: 'close' }, body))
    const untyped = await connection.reply()
    untyped.hasStatus(415).hasJsonError()
    for (const [what, bad] of badPlaylists(newPlaylist(random))) {
      note(what)
      const reply = await client.put(path, { body: JSON.stringify(bad), headers })
      expect(`the body is no playlist, for ${what}: 422`, reply.status === 422, { expected: 422, actual: reply.status })
      reply.hasJsonError()
    }
    for (const chunked of [false, true]) {
      const large = await client.put(path, { body: JSON.stringify(newPlaylist(random)).padEnd(65_537), headers, chunked })
      isRefusedAsTooLarge(large)
    }
    await isKept(context, path, playlist)
    const { tag: kept } = await read(client, path)
    expect('what was refused has left the tag as it was', kept === tag, { expected: tag, actual: kept })
  })

  check('takes-the-limits', 'A playlist at the very limit is taken, and kept letter by letter: 200 characters of any script, 0 and 100 tracks, 65,536 bytes', {
    withinMs: 10_000,
    hints: [
      'What the contract allows must be taken, up to the limit itself. A limit of characters is not one of bytes; a body’s is.',
      'See the contract’s first paragraph, and chapter 01, “Bytes, not characters”.',
      'The story names the playlist. Does each comparison let the limit itself through? Does anything trim, tidy or sort a text? Is the media type compared without what stands behind its semicolon?',
    ],
  }, async (context) => {
    const { client, expect } = context
    const { path, playlist, tag } = await create(context)
    const { title, tracks } = playlist
    const bodies: [string, Playlist][] = [
      ['100 tracks of 200 letters, and such a title', { title: 'x'.repeat(200), tracks: Array.from({ length: 100 }, () => 'y'.repeat(200)) }],
      ['200 times ñ, which are 200 characters', { title: 'ñ'.repeat(200), tracks: ['ñ'.repeat(200)] }],
      ['no track at all', { title, tracks: [] }], ['texts of one letter', { title: 'a', tracks: ['b'] }], ['65,536 bytes', { title, tracks }],
      ['blanks at both ends and within', { title: `  ${title}   x `, tracks: [` ${title}  x `, '\u00a0'] }], ['blanks alone', { title: ' ', tracks: ['  '] }],
      ['control characters', { title: `${title}\u0001x`, tracks: ['a\tb', '\u0001', 'a\nb'] }], ['one track twice', { title, tracks: ['b', 'a', 'b'] }],
      ['signs, and letters of many scripts', { title: '<b>"Tide" & \\ %41 \'n\' {港} 😀', tracks: ['<i> &amp; é e\u0301', 'Ñandú', '港'] }],
    ]
    let current = tag
    for (const [what, json] of bodies) {
      const body = JSON.stringify(json).padEnd(what === '65,536 bytes' ? 65_536 : 0)
      const headers = { 'content-type': 'application/json; charset=utf-8', 'if-match': current }
      const reply = await client.put(path, { body, headers, withinMs: 3_000 })
      expect(`a playlist is taken: ${what}`, done.includes(reply.status), { expected: 200, actual: reply.status })
      const { reply: kept, tag: now } = await read(client, path)
      holds(context, `GET sends the playlist that was taken: ${what}`, kept, json)
      current = now
    }
  })

  check('other-paths', 'Other paths and other methods get 404 or 405, as JSON, and change nothing; HEAD may answer as GET', {
    hints: [
      'Express has an answer of its own for unknown paths, and it is a web page. A client that reads JSON cannot read it.',
      'See chapter 01, “The last handlers”.',
      'What must come after all routes, so that it answers only what none of them took? Does one of your routes take other methods, or longer paths, than its own?',
    ],
  }, async (context) => {
    const { client, random } = context
    const { path, playlist, tag } = await create(context)
    const song = `${random.word()} ${random.word()}`
    requestIn(await ask(client, newKey(random), song), song)
    const update = { json: newPlaylist(random), headers: { 'if-match': tag } }
    const another = { json: { song }, headers: { 'idempotency-key': newKey(random) } }
    const elsewhere = [
      await client.get(`/${random.word()}`), await client.post(`/${random.word()}`, { json: playlist }), await client.delete(path),
      await client.post(path, update), await client.put(`${path}/tracks`, update), await client.get(`${path}/tracks`),
      await client.put('/requests', another), await client.delete('/requests'), await client.get(`/requests/${random.word()}`),
    ]
    for (const reply of elsewhere) reply.hasStatus([404, 405]).hasJsonError()
    // These a library may refuse by itself, with 501.
    const patch = await client.request('PATCH', path, update)
    patch.hasStatus([404, 405, 501])
    const head = await client.head(path)
    head.hasStatus([200, 404, 405, 501]).hasEmptyBody()
    if (head.status === 200) head.hasHeader('ETag', tag)
    await isKept(context, path, playlist)
    await isListed(context, song, 1)
  })
}
