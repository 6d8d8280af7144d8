import { check } from '../harness/lab.ts'
import { create, done, holds, isKept, newPath, newPlaylist, read, tagsLike } from './playlists.ts'

/** Only if nothing has changed: what a write has to say, and how it is compared. */
export function conditions(): void {
  check('428', 'PUT without a condition answers 428 and changes nothing', {
    hints: [
      'Who writes without saying what they have read may write over what they have never seen. The server asks for a condition.',
      'See “Only if nothing has changed”.',
      'Neither If-Match nor If-None-Match: answer 428 with a sentence, before anything is written, whether the playlist exists or not.',
    ],
  }, async (context) => {
    const { client, random, expect } = context
    const { path, playlist, tag } = await create(context)
    const over = await client.put(path, { json: newPlaylist(random) })
    over.hasStatus(428).hasJsonError()
    await isKept(context, path, playlist)
    const same = await client.put(path, { json: playlist })
    same.hasStatus(428).hasJsonError()
    const { tag: kept } = await read(client, path)
    expect('what was refused has left the tag as it was', kept === tag, { expected: tag, actual: kept })
    const nowhere = newPath(random)
    const fresh = await client.put(nowhere, { json: newPlaylist(random) })
    fresh.hasStatus(428).hasJsonError()
    const missing = await client.get(nowhere)
    missing.hasStatus(404)
  })

  check('if-match', 'PUT with the current tag answers 200 and the playlist; with another one, or where there is none yet, 412', {
    hints: [
      'If-Match says: carry this out only if the playlist is still the one I have read. Where it is not, or where there is none, the request must not be carried out.',
      'See “Only if nothing has changed”.',
      'Compare the header with the tag of what the store holds now, not of what was sent, and whole: a tag that is longer, or differs in one letter, is another. Unlike, or nothing there: 412, and the playlist stays as it is.',
    ],
  }, async (context) => {
    const { client, random } = context
    const { path, tag } = await create(context)
    const [second, third] = [newPlaylist(random), newPlaylist(random)]
    const updated = await client.put(path, { json: second, headers: { 'if-match': tag } })
    updated.hasStatus(200)
    holds(context, 'the answer is the playlist as it is now', updated, second)
    const late = await client.put(path, { json: third, headers: { 'if-match': tag } })
    late.hasStatus(412).hasJsonError()
    await isKept(context, path, second)
    const { tag: current } = await read(client, path)
    const again = await client.put(path, { json: third, headers: { 'if-match': current } })
    again.hasStatus(200)
    await isKept(context, path, third)
    for (const alike of tagsLike((await read(client, path)).tag)) {
      const other = await client.put(path, { json: second, headers: { 'if-match': alike } })
      other.hasStatus(412).hasJsonError()
    }
    await isKept(context, path, third)
    const nowhere = newPath(random)
    const lost = await client.put(nowhere, { json: third, headers: { 'if-match': tag } })
    lost.hasStatus(412).hasJsonError()
    const missing = await client.get(nowhere)
    missing.hasStatus(404)
  })

  check('weak-never-matches', 'If-Match with W/ before the current tag answers 412', {
    hints: [
      'A weak tag says “about the same”. To write over something, about the same is not enough: what differs a little would be lost.',
      'See “Strong and weak”.',
      'Compare the tags whole, with all that stands before the quotation marks. Do not cut W/ off, and do not search for one text inside the other.',
    ],
  }, async (context) => {
    const { client, random } = context
    const { path, playlist, tag } = await create(context)
    const reply = await client.put(path, { json: newPlaylist(random), headers: { 'if-match': `W/${tag.replace(/^W\//, '')}` } })
    reply.hasStatus(412).hasJsonError()
    await isKept(context, path, playlist)
  })

  check('tag-lists', 'If-Match and If-None-Match take several tags; If-None-Match also a weak one', {
    withinMs: 10_000,
    hints: [
      'A client may have several copies, and names them all. One that fits is enough. To read again, about the same is good enough, so If-None-Match looks past W/.',
      'See “Strong and weak”.',
      'Split the header at its commas and trim each tag. If-Match: one must be equal. If-None-Match on GET: one must be equal once W/ is off.',
    ],
  }, async (context) => {
    const { client, random } = context
    const { path, tag } = await create(context)
    const [other, another, third, fourth] = ['w', 'x', 'y', 'z'].map((letter) => `"${random.word()}-${letter}"`)
    const weak = `W/${tag.replace(/^W\//, '')}`
    for (const tags of [`${other}, ${tag}, ${another}`, `${other},${tag},${another}`, `${tag}, ${other}`, [other, another, third, fourth, tag].join(', '), weak, `${other}, ${weak}`]) {
      const reply = await client.get(path, { headers: { 'if-none-match': tags } })
      reply.hasStatus(304).hasHeader('ETag', tag)
    }
    const none = await client.get(path, { headers: { 'if-none-match': `${other}, W/${another}` } })
    none.hasStatus(200)
    for (const tags of [`${other}, ${another}`, `${other}, ${weak}`]) {
      const refused = await client.put(path, { json: newPlaylist(random), headers: { 'if-match': tags } })
      refused.hasStatus(412)
    }
    let current = tag
    const listsWith: ((now: string) => string)[] = [
      (now) => [other, now, another].join(', '), (now) => [other, now, another].join(','),
      (now) => [now, other].join(', '), (now) => `W/${other}, ${now}`, (now) => [other, another, third, fourth, now].join(', '),
    ]
    for (const listWith of listsWith) {
      const next = newPlaylist(random)
      const taken = await client.put(path, { json: next, headers: { 'if-match': listWith(current) } })
      taken.satisfies('one of the tags is the current one, so the update is carried out, 200', () => done.includes(taken.status), () => taken.status)
      await isKept(context, path, next)
      current = (await read(client, path)).tag
    }
  })
}
