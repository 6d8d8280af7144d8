import { check, hasArrived, isRefusedAsTooLarge } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { AT_THE_DOOR } from './at-once.ts'
import { done, holds, isKept, isNew, jsonType, newPath, newPlaylist, read } from './playlists.ts'
import type { Random } from './playlists.ts'
import { ask, isListed, newKey, requestIn } from './songs.ts'
import { rawJson, rawRequest, sendRaw } from './wire.ts'

/** Which keys are alike, and which were used up. */
export function keys(): void {
  check('keys-letter-by-letter', 'Keys of up to 200 characters are compared letter by letter, all are remembered, and the list has every request', {
    withinMs: 15_000,
    hints: [
      'A key is the client’s affair, as a tag is the server’s: keep it as it came. Two keys that differ in one letter are two wishes.',
      'See the contract, “Keys”.',
      'Look for what changes, cuts or refuses a key, and for what forgets one or leaves requests out of the list. In another language: headers’ names know no case, but their values do.',
    ],
  }, async (context) => {
    const { client, random, inOneStep, expect } = context
    const song = `${random.word()} ${random.word()}`
    const keys = alikeKeys(random)
    const replies = await inOneStep(`POST /requests with ${String(keys.length)} keys, and the song ${song} each time`, () => inGroups(keys, (key) => ask(client, key, song)))
    const ids = new Set(replies.map((reply) => requestIn(reply, song).id))
    expect('each key makes a request of its own', ids.size === keys.length, { expected: keys.length, actual: ids.size })
    const passing = await othersAsk(context)
    const again = await inOneStep('the same once more', () => inGroups(keys, (key) => ask(client, key, song)))
    const kept = again.filter((reply, index) => requestIn(reply, song).id === requestIn(replies[index] ?? reply, song).id)
    expect('each key gets its first answer again', kept.length === keys.length, { expected: keys.length, actual: kept.length })
    await isListed(context, song, keys.length)
    await isListed(context, passing, OTHERS)
    for (const key of ODD_KEYS) requestIn(await ask(client, key, `a song for ${key}`), `a song for ${key}`)
  })

  check('failed-request-may-be-retried', 'A request that was refused, or broke off, has not used up its key', {
    hints: [
      'A key stands for work that was done. Where nothing was done, there is nothing to repeat: the client corrects its mistake and tries again with the same key.',
      'See “The key and the work are one”.',
      'Do not note the key when the request arrives, but with the work itself, after every refusal and after the whole body is there.',
    ],
  }, async (context) => {
    const { client, random, note } = context
    const [song, other] = [`${random.word()} ${random.word()}`, `${random.word()} ${random.word()}`]
    const key = newKey(random)
    for (const bad of ['{}', 'null', '[]', '{"song": ""}', '{"song": 7}', '{"song": null}', '{"song": ["x"]}', JSON.stringify({ song: 'x'.repeat(201) })]) {
      const refused = await client.post('/requests', { body: bad, headers: { ...jsonType, 'idempotency-key': key } })
      refused.hasStatus(422).hasJsonError()
    }
    const malformed = await client.post('/requests', { body: '{"song": "half', headers: { ...jsonType, 'idempotency-key': key } })
    malformed.hasStatus(400).hasJsonError()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const typed = await client.post('/requests', { body: JSON.stringify({ song }), headers: { 'content-type': type, 'idempotency-key': key } })
      typed.hasStatus(415).hasJsonError()
    }
    note('the same without a Content-Type')
    const untyped = await client.connect()
    const wish = JSON.stringify({ song })
    await sendRaw(untyped, rawRequest('POST', '/requests', { 'Idempotency-Key': key, 'Content-Length': String(wish.length), Connection: 'close' }, wish))
    const unread = await untyped.reply()
    unread.hasStatus(415).hasJsonError()
    const large = await client.post('/requests', { body: JSON.stringify({ song }).padEnd(80_000), headers: { ...jsonType, 'idempotency-key': key } })
    isRefusedAsTooLarge(large)
    note('the same key, now with a song')
    requestIn(await ask(client, key, song, 3_000), song)
    await isListed(context, song, 1)
    const broken = newKey(random)
    const connection = await client.connect()
    await sendRaw(connection, rawJson('POST', '/requests', { 'Idempotency-Key': broken }, JSON.stringify({ song: other })).slice(0, -5))
    await hasArrived(client, '/requests')
    note('an upload breaks off before its end')
    connection.reset()
    requestIn(await ask(client, broken, other, 3_000), other)
    await isListed(context, other, 1)
  })

  check('keys-per-resource', 'A key belongs to /requests: on a playlist it means nothing, and the condition alone decides', {
    hints: [
      'Two clients, or one, may send the same key to two addresses. An answer that was kept for one address is nonsense at another.',
      'See “A retry that does no harm”: why PUT with a condition needs no key.',
      'Look keys up for POST /requests alone, or keep method and path beside each key. A handler for all routes repeats answers where it should not.',
    ],
  }, async (context) => {
    const { client, random, note } = context
    const song = `${random.word()} ${random.word()}`
    const key = newKey(random)
    const first = await ask(client, key, song)
    requestIn(first, song)
    const keyed = { 'idempotency-key': key }
    const path = newPath(random)
    const [one, two] = [newPlaylist(random), newPlaylist(random)]
    const made = await client.put(path, { json: one, headers: { ...keyed, ...isNew } })
    made.hasStatus(done)
    holds(context, 'the answer is the playlist', made, one)
    const elsewhere = newPath(random)
    const other = await client.put(elsewhere, { json: two, headers: { ...keyed, ...isNew } })
    other.hasStatus(done)
    await isKept(context, elsewhere, two)
    const { tag } = await read(client, path)
    const updated = await client.put(path, { json: two, headers: { ...keyed, 'if-match': tag } })
    updated.hasStatus(done)
    await isKept(context, path, two)
    note('a playlist whose id is the key, and a key that is a playlist’s id')
    const alike = `/playlists/${key}`
    const nothing = await client.get(alike)
    nothing.hasStatus(404)
    const created = await client.put(alike, { json: one, headers: isNew })
    created.hasStatus(done)
    requestIn(await ask(client, path.slice('/playlists/'.length), song), song)
    await isKept(context, alike, one)
    await isKept(context, path, two)
    const again = await ask(client, key, song)
    again.hasStatus(done).hasJson(first.json())
  })
}

/** Short ones, and some that every JavaScript object knows. Each has one song, so that it may have been sent before. */
const ODD_KEYS = ['0', '-', 'constructor', '__proto__']

/** Keys that differ in little, and so many that a short memory or a short list shows. */
function alikeKeys(random: Random): string[] {
  const key = newKey(random)
  const long = key.padEnd(199, 'x')
  const signs = [...'!"#$%&\'()*+,./:;<=>?@[\\]^`{|}~'].map((sign) => `${key}${sign}1`)
  const number = String(random.integer(10_000_000, 99_999_999))
  return [...signs, `"${key}"`, `${key}A`, `${key}%41`, number, `0${number}`, `${number}.0`, key, key.toUpperCase(), key.replaceAll('-', '_'), key.replaceAll('-', ''), `${long}a`, `${long}b`, long]
}

/** So many that, with those before them, a memory of 100 keys or a list of 100 requests is too short. */
const OTHERS = 70

/** Many others ask for one song, each with a key of its own. Returns the song. */
async function othersAsk({ client, random, inOneStep }: CheckContext): Promise<string> {
  const song = `${random.word()} ${random.word()}`
  const keys = Array.from({ length: OTHERS }, () => newKey(random))
  await inOneStep(`POST /requests with ${String(OTHERS)} other keys, and the song ${song} each time`, () => (
    inGroups(keys, async (key) => requestIn(await ask(client, key, song), song), 3)
  ))
  return song
}

/** Few at a time: not every server lets many wait at its door. */
async function inGroups<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>, size = AT_THE_DOOR): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += size) results.push(...await Promise.all(items.slice(at, at + size).map(work)))
  return results
}
