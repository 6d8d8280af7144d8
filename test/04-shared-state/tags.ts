import { check } from '../harness/lab.ts'
import type { Reply } from '../harness/lab.ts'
import { create, done, holds, isNew, newPath, newPlaylist, read, tagsLike } from './playlists.ts'
import type { Playlist } from './playlists.ts'
import { rawRequest, sendRaw } from './wire.ts'
import type { Connection } from './wire.ts'

/** The name of a state: what a tag tells, and what a client saves by it. */
export function tags(): void {
  check('unknown-404', 'A playlist that nobody has written answers 404, as JSON', {
    hints: [
      'A name is an address. Where nobody has put anything, there is nothing to read: not even an empty playlist.',
      'See the contract, the row of GET.',
      'What does your store give for a key that was never set? Answer 404 with a sentence before you use it. In a plain object some names are there from the start, `constructor` for one; a Map has none.',
    ],
  }, async ({ client, random }) => {
    // A name that every JavaScript object knows, and a condition that names no tag of it.
    const nowhere = [await client.get(newPath(random)), await client.get('/playlists/constructor'), await client.get(newPath(random), { headers: { 'if-none-match': '"1"' } })]
    for (const reply of nowhere) reply.hasStatus(404).hasJsonError()
  })

  check('strong-etag', 'GET and PUT answer a strong ETag, which is the same for the same content and another one for other content', {
    withinMs: 15_000,
    hints: [
      'The tag stands for the content, byte for byte: whoever has seen the tag has seen the playlist. A weak tag, W/"…", promises less, and what looks away from a part of the content misses its changes.',
      'See “A tag for what you have read”.',
      'Set ETag yourself, in quotation marks and without W/: Express’s own is weak. Make it from all of title and tracks, or count every write. GET and the PUT before it must agree.',
    ],
  }, async (context) => {
    const { client, random, expect } = context
    const path = newPath(random)
    const seen: string[] = []
    for (const version of versionsOf(newPlaylist(random))) {
      const condition = seen.length === 0 ? isNew : { 'if-match': seen.at(-1) ?? '' }
      const written = await client.put(path, { json: version, headers: condition })
      written.hasStatus(done)
      const tag = strongTag(written)
      expect('the tag is one that no other content of this playlist had', !seen.includes(tag), { expected: 'another tag', actual: tag })
      seen.push(tag)
      for (const again of [await client.get(path), await client.get(path)]) {
        again.hasStatus(200).hasHeader('ETag', tag)
        holds(context, 'GET sends what was written', again, version)
      }
    }
  })

  check('304', 'GET with If-None-Match and the current tag answers 304 without a body; with another one, 200 and the playlist', {
    hints: [
      'The client has a copy and asks whether it is still good. If it is, three digits say so, and the body stays at home.',
      'See “Still the same?”.',
      'Express compares by itself, once the tag is set before `json`. By hand: compare, answer 304 with the ETag, and end the answer without a single byte of a body.',
    ],
  }, async (context) => {
    const { client, random } = context
    const { path, tag } = await create(context)
    const same = await client.get(path, { headers: { 'if-none-match': tag } })
    same.hasStatus(304).hasEmptyBody().hasHeader('ETag', tag)
    const connection = await client.connect()
    await sendRaw(connection, rawRequest('GET', path, { 'If-None-Match': tag }))
    const first = await connection.reply()
    first.hasStatus(304)
    const next = newPlaylist(random)
    const changed = await client.put(path, { json: next, headers: { 'if-match': tag } })
    changed.hasStatus(done)
    const old = first.isLast ? await client.get(path, { headers: { 'if-none-match': tag } }) : await askAgain(connection, path, tag)
    old.hasStatus(200).hasHeader('ETag')
    holds(context, 'the changed playlist comes whole', old, next)
    const { tag: current } = await read(client, path)
    for (const alike of tagsLike(current)) {
      const other = await client.get(path, { headers: { 'if-none-match': alike } })
      other.hasStatus(200)
    }
  })
}

/** Playlists so alike that a tag made from a part of them, or from texts glued together, takes two of them for one. */
function versionsOf(first: Playlist): Playlist[] {
  const { title, tracks } = first
  const [a = '', b = '', c = ''] = tracks
  const many = Array.from({ length: 60 }, (_, index) => `${a}${String(index)}`.padEnd(60, '.'))
  const [head = '', ...others] = many
  return [
    first, { title: [...title].reverse().join(''), tracks }, { title, tracks: [b, a, c] }, { title, tracks: [`${a}${b}`, c] },
    { title, tracks: [`${a},${b}`, c] }, { title, tracks: [a, `${b},${c}`] }, { title: title.toUpperCase(), tracks },
    ...[' ', '|', '\n'].map((between) => ({ title, tracks: [`${a}${between}${b}`, c] })), { title: `${title}${a}`, tracks: [b, c] },
    { title, tracks: [`${a} `, b, c] }, { title, tracks: many }, { title, tracks: [...many.slice(0, -1), c] },
    // The 41st letter is another one.
    { title, tracks: [`${head.slice(0, 40)}x${head.slice(41)}`, ...others] },
    // Two letters that are alike in their last eight bits.
    { title: `${title}\u0101`, tracks }, { title: `${title}\u0201`, tracks },
    // One letter in two spellings, which look the same.
    { title: `${title}\u00e9`, tracks }, { title: `${title}e\u0301`, tracks },
  ]
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 ETag */
function strongTag(reply: Reply): string {
  reply.hasHeader('ETag')
  const tag = reply.headers.etag ?? ''
  reply.satisfies('its ETag is a strong one: visible ASCII characters in quotation marks, without W/', () => /^"[\x21\x23-\x7e]*"$/.test(tag), () => tag)
  return tag
}

/** On the same connection: a body behind the 304 would be taken for the beginning of this answer. */
async function askAgain(connection: Connection, path: string, tag: string): Promise<Reply> {
  await sendRaw(connection, rawRequest('GET', path, { 'If-None-Match': tag }))
  return connection.reply()
}
