import { check, hasArrived, isRefusedAsTooLarge, lab } from './harness/lab.ts'
import type { CheckContext, Client, Reply } from './harness/lab.ts'

lab({ title: 'One copy, many hands', program: 'server' })

interface Playlist {
  title: string
  tracks: string[]
}

interface SongRequest {
  id: string
  song: string
}

type Random = CheckContext['random']
type Headers = Readonly<Record<string, string>>
type Connection = Awaited<ReturnType<Client['connect']>>

/** The exact status of a success is a matter of `if-match`, `create-once` and `requests-a-song`; other checks need to know that it was done. */
const done = [200, 201, 204]
const jsonType = { 'content-type': 'application/json' }
const isNew = { 'if-none-match': '*' }

function newPlaylist(random: Random): Playlist {
  return { title: `${random.word()} ${random.word()}`, tracks: [random.word(), random.word(), random.word()] }
}

/** A path at which nothing is yet. */
function newPath(random: Random): string {
  return `/playlists/${random.word()}-${String(random.integer(100, 999))}`
}

/** Writes a new playlist, and returns it with its path and its tag. */
async function create({ client, random }: CheckContext): Promise<{ path: string; playlist: Playlist; tag: string }> {
  const [path, playlist] = [newPath(random), newPlaylist(random)]
  const made = await client.put(path, { json: playlist, headers: isNew })
  made.hasStatus(done)
  const { tag } = await read(client, path)
  return { path, playlist, tag }
}

/** Reads a playlist and its tag. */
async function read(client: Client, path: string): Promise<{ reply: Reply; tag: string }> {
  const reply = await client.get(path)
  reply.hasStatus(200).hasHeader('ETag')
  return { reply, tag: reply.headers.etag ?? '' }
}

/** Title and tracks of an answer; whatever else is in it does no harm. */
function playlistIn(reply: Reply): Partial<Playlist> {
  const { title, tracks } = reply.json<Partial<Playlist> | null>() ?? {}
  return { title, tracks }
}

function isPlaylist(reply: Reply, expected: Playlist): boolean {
  return JSON.stringify(playlistIn(reply)) === JSON.stringify({ title: expected.title, tracks: expected.tracks })
}

/** An expectation that the answer is this playlist. */
function holds({ expect }: CheckContext, what: string, reply: Reply, expected: Playlist): void {
  expect(what, isPlaylist(reply, expected), { expected, actual: playlistIn(reply) })
}

/** The playlist is still what it was. */
async function isKept(context: CheckContext, path: string, expected: Playlist): Promise<void> {
  const { reply } = await read(context.client, path)
  holds(context, 'the playlist is as it was before', reply, expected)
}

/** `1 × 200, 49 × 412` */
function tally(replies: readonly Reply[]): string {
  const statuses = replies.map(({ status }) => status)
  const counts = [...new Set(statuses)].sort().map((status) => `${String(statuses.filter((one) => one === status).length)} × ${String(status)}`)
  return counts.join(', ')
}

/** A whole request, one character a byte: a tag goes back as the bytes that came, and these need not be UTF-8. */
function rawRequest(method: string, path: string, headers: Headers, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', Buffer.from(body).toString('latin1')].join('\r\n')
}

/** Sends what `rawRequest` made, or a part of it. */
function sendRaw(connection: Connection, request: string): Promise<void> {
  return connection.send(Buffer.from(request, 'latin1'))
}

function rawJson(method: string, path: string, headers: Headers, body: string): string {
  return rawRequest(method, path, { ...jsonType, 'Content-Length': String(Buffer.byteLength(body)), ...headers }, body)
}

check('unknown-404', 'A playlist that nobody has written answers 404, as JSON', {
  hints: [
    'A name is an address. Where nobody has put anything, there is nothing to read: not even an empty playlist.',
    'See the contract, the row of GET.',
    'What does your store give for a key that was never set? Answer 404 with a sentence before you use it.',
  ],
}, async ({ client, random }) => {
  const reply = await client.get(newPath(random))
  reply.hasStatus(404).hasJsonError()
})

check('strong-etag', 'GET and PUT answer a strong ETag, which is the same for the same content and another one for other content', {
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

/** Playlists so alike that a tag made from a part of them, or from texts glued together, takes two of them for one. */
function versionsOf(first: Playlist): Playlist[] {
  const { title, tracks } = first
  const [a = '', b = '', c = ''] = tracks
  const many = Array.from({ length: 40 }, (_, index) => `${a}${String(index)}`)
  return [
    first, { title: [...title].reverse().join(''), tracks }, { title, tracks: [b, a, c] }, { title, tracks: [`${a}${b}`, c] },
    { title, tracks: [`${a},${b}`, c] }, { title, tracks: [a, `${b},${c}`] }, { title: title.toUpperCase(), tracks },
    { title, tracks: [`${a} `, b, c] }, { title, tracks: many }, { title, tracks: [...many.slice(0, -1), c] },
    // Two letters that are alike in their last eight bits.
    { title: `${title}\u0101`, tracks }, { title: `${title}\u0201`, tracks },
  ]
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 ETag */
function strongTag(reply: Reply): string {
  reply.hasHeader('ETag')
  const tag = reply.headers.etag ?? ''
  reply.satisfies('its ETag is a strong one: a text in quotation marks, without W/', () => /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag), () => tag)
  return tag
}

check('304', 'GET with If-None-Match and the current tag answers 304 without a body; with an old tag, 200 and the playlist', {
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
  old.hasStatus(200)
  holds(context, 'the changed playlist comes whole', old, next)
})

/** On the same connection: a body behind the 304 would be taken for the beginning of this answer. */
async function askAgain(connection: Connection, path: string, tag: string): Promise<Reply> {
  await sendRaw(connection, rawRequest('GET', path, { 'If-None-Match': tag }))
  return connection.reply()
}

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

check('if-match', 'PUT with the current tag answers 200 and the playlist; with an old tag, or where there is none yet, 412', {
  hints: [
    'If-Match says: carry this out only if the playlist is still the one I have read. Where it is not, or where there is none, the request must not be carried out.',
    'See “Only if nothing has changed”.',
    'Compare the header with the tag of what the store holds now, not of what was sent. Unlike, or nothing there: 412, and the playlist stays as it is.',
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
  hints: [
    'A client may have several copies, and names them all. One that fits is enough. To read again, about the same is good enough, so If-None-Match looks past W/.',
    'See “Strong and weak”.',
    'Split the header at its commas and trim each tag. If-Match: one must be equal. If-None-Match on GET: one must be equal once W/ is off.',
  ],
}, async (context) => {
  const { client, random } = context
  const { path, tag } = await create(context)
  const [other, another] = [`"${random.word()}-x"`, `"${random.word()}-y"`]
  const weak = `W/${tag.replace(/^W\//, '')}`
  for (const tags of [`${other}, ${tag}, ${another}`, `${other},${tag},${another}`, weak, `${other}, ${weak}`]) {
    const reply = await client.get(path, { headers: { 'if-none-match': tags } })
    reply.hasStatus(304)
  }
  const none = await client.get(path, { headers: { 'if-none-match': `${other}, W/${another}` } })
  none.hasStatus(200)
  for (const tags of [`${other}, ${another}`, `${other}, ${weak}`]) {
    const refused = await client.put(path, { json: newPlaylist(random), headers: { 'if-match': tags } })
    refused.hasStatus(412)
  }
  let current = tag
  for (const comma of [', ', ',']) {
    const next = newPlaylist(random)
    const taken = await client.put(path, { json: next, headers: { 'if-match': [other, current, another].join(comma) } })
    taken.satisfies('one of the tags is the current one, so the update is carried out, 200', () => done.includes(taken.status), () => taken.status)
    await isKept(context, path, next)
    current = (await read(client, path)).tag
  }
})

/** So few are opened before the program is seen to have taken them in. Python's own server lets 5 wait. */
const AT_THE_DOOR = 4

/** How often a race is run: where the program cannot be held, the first request may be through before the second has come. */
function races(context: CheckContext): number {
  return heldProgram(context) === undefined ? 3 : 1
}

/** Connections on which all but the last byte of a request has been read, and how to send the last bytes of some. */
interface LineUp {
  connections: readonly Connection[]
  complete(from: number, to: number): Promise<unknown>
}

async function lineUp(client: Client, requests: readonly string[]): Promise<LineUp> {
  const connections: Connection[] = []
  for (const request of requests) {
    const connection = await client.connect()
    await sendRaw(connection, request.slice(0, -1))
    // A server that lets few connections wait at its door is right, too.
    if (connections.push(connection) % AT_THE_DOOR === 0) await hasArrived(client, '/requests')
  }
  await hasArrived(client, '/requests')
  const complete = (from: number, to: number): Promise<unknown> => (
    Promise.all(connections.slice(from, to).map((connection, index) => sendRaw(connection, requests[from + index]?.slice(-1) ?? '')))
  )
  return { connections, complete }
}

/**
 * Sends requests so that they are complete at the same moment, each on a connection of its own: first all but the last
 * byte of each, and once the program is seen to have read that far, the last bytes. What is merely sent side by side
 * comes one after the other on a busy machine, and never meets. The last `late` of them are completed once the first has its
 * answer: they come while the others still wait in line.
 */
async function atOnce(context: CheckContext, requests: readonly string[], late = 0): Promise<Reply[]> {
  const { connections, complete } = await lineUp(context.client, requests)
  const early = requests.length - late
  await whileHeld(context, () => complete(0, early))
  const first = await connections[0]?.reply()
  await complete(early, requests.length)
  const others = await Promise.all(connections.slice(1).map((connection) => connection.reply()))
  return first === undefined ? others : [first, ...others]
}

/** Until all is at its door. */
const HELD_MS = 20

/** Holds the program, where it can be held, while something is sent to it: so it finds all of it at once. */
async function whileHeld(context: CheckContext, send: () => Promise<unknown>): Promise<void> {
  const program = heldProgram(context)
  program?.kill('SIGSTOP')
  try {
    await send()
    await context.sleep(HELD_MS)
  } finally {
    program?.kill('SIGCONT')
  }
}

/** The program, if it can be held: not on Windows, and not one behind a URL, which to ask for would end the check. */
function heldProgram(context: CheckContext): CheckContext['program'] | undefined {
  if (process.platform === 'win32') return undefined
  try {
    return context.program
  } catch {
    return undefined
  }
}

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
    const late = await context.client.put(path, { json: newPlaylist(context.random), headers: isNew })
    late.hasStatus(412).hasJsonError()
  }
})

check('one-winner', 'Of 50 clients who write over the same tag at once, one gets 200 and 49 get 412', {
  withinMs: 20_000,
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
  await oneOfTheNewcomers(context, path)
})

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

const EDITORS = 4
const TRACKS_EACH = 5
/** One writer gets through in each round: a program that is right needs no more rounds than there are tracks. */
const MAX_ROUNDS = 2 * EDITORS * TRACKS_EACH

check('no-lost-update', `${String(EDITORS)} editors add ${String(TRACKS_EACH)} tracks each, all at once, and every acknowledged track is there in the end`, {
  withinMs: 15_000,
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

check('read-your-write', 'The GET that follows a 200 or 201 at once shows what was written', {
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

check('hang-up-in-line', 'Clients that hang up while they wait for their turn hold up nobody', {
  withinMs: 10_000,
  hints: [
    'Whoever has left the line still has a place in it. When its turn comes it must end like any other, though nobody is there to hear the answer.',
    'See “Check and write in one turn”.',
    'What does your program do in a turn when the connection is gone? An error, or a promise that never ends, must not keep the turn.',
  ],
}, async (context) => {
  const { client, random, note } = context
  const { path, tag } = await create(context)
  const connections: Connection[] = []
  const request = rawJson('PUT', path, { 'If-Match': tag }, JSON.stringify(newPlaylist(random)))
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
  // One who has hung up may still be the one who wins.
  const { tag: current } = await read(client, path)
  const next = await client.put(path, { json: newPlaylist(random), headers: { 'if-match': current }, withinMs: 4_000 })
  next.hasStatus([...done, 412])
})

/** What is well-formed and yet no playlist; each is wrong in one point. */
function badPlaylists({ title, tracks }: Playlist): [string, unknown][] {
  return [
    ['a list', [title, tracks]], ['a text', title], ['null', null],
    ['no title', { tracks }], ['an empty title', { title: '', tracks }], ['a number as the title', { title: 7, tracks }],
    ['a title of 201 letters', { title: 'x'.repeat(201), tracks }],
    ['no tracks', { title }], ['a text as the tracks', { title, tracks: 'a song' }], ['an object as the tracks', { title, tracks: { length: 0 } }],
    ['a number among the tracks', { title, tracks: ['a song', 7] }], ['an empty track', { title, tracks: [''] }],
    ['a track of 201 letters', { title, tracks: ['x'.repeat(201)] }],
    ['101 tracks', { title, tracks: Array.from({ length: 101 }, (_, index) => `song ${String(index)}`) }],
  ]
}

check('bad-playlist', 'A body that is no playlist gets 400, 413, 415 or 422, and the playlist keeps its content and its tag', {
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
  const plainText = await client.put(path, { body: JSON.stringify(playlist), headers: { ...headers, 'content-type': 'text/plain' } })
  plainText.hasStatus(415).hasJsonError()
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

check('takes-the-limits', 'A playlist at the very limit is a playlist: 200 characters of any script, 0 and 100 tracks, 65,536 bytes', {
  hints: [
    'What the contract allows must be taken, up to the limit itself. A limit of characters is not one of bytes; a body’s is.',
    'See the contract’s first paragraph, and chapter 01, “Bytes, not characters”.',
    'The story names the playlist. Does each comparison let the limit itself through? Is the media type compared without what stands behind its semicolon?',
  ],
}, async (context) => {
  const { client, expect } = context
  const { path, playlist, tag } = await create(context)
  const { title, tracks } = playlist
  const bodies: [string, Playlist][] = [
    ['100 tracks of 200 letters, and such a title', { title: 'x'.repeat(200), tracks: Array.from({ length: 100 }, () => 'y'.repeat(200)) }],
    ['200 times ñ, which are 200 characters', { title: 'ñ'.repeat(200), tracks: ['ñ'.repeat(200)] }],
    ['no track at all', { title, tracks: [] }], ['texts of one letter', { title: 'a', tracks: ['b'] }], ['65,536 bytes', { title, tracks }],
  ]
  let current = tag
  for (const [what, json] of bodies) {
    const body = JSON.stringify(json).padEnd(what === '65,536 bytes' ? 65_536 : 0)
    const headers = { 'content-type': 'application/json; charset=utf-8', 'if-match': current }
    const reply = await client.put(path, { body, headers, withinMs: 3_000 })
    expect(`a playlist is taken: ${what}`, done.includes(reply.status), { expected: 200, actual: reply.status })
    await isKept(context, path, json)
    current = (await read(client, path)).tag
  }
})

check('other-paths', 'Other paths and other methods get 404 or 405, as JSON, and change nothing', {
  hints: [
    'Express has an answer of its own for unknown paths, and it is a web page. A client that reads JSON cannot read it.',
    'See chapter 01, “The last handlers”.',
    'What must come after all routes, so that it answers only what none of them took?',
  ],
}, async (context) => {
  const { client, random } = context
  const { path, playlist } = await create(context)
  const elsewhere = [await client.get(`/${random.word()}`), await client.post(`/${random.word()}`, { json: playlist }), await client.delete(path)]
  for (const reply of elsewhere) reply.hasStatus([404, 405]).hasJsonError()
  await isKept(context, path, playlist)
})

check('aborted-upload', 'A body that ends before it is complete counts for nothing, even if it is whole JSON', {
  hints: [
    'The connection can end at any byte. What came until then may even be valid JSON; the sender never finished, so nothing was sent.',
    'See chapter 01, “A packet is not a request”, and “The key and the work are one”.',
    'Write when the body is complete: as many bytes as announced. The end of the connection is no such sign.',
  ],
}, async (context) => {
  const { client, random, note } = context
  const { path, playlist, tag } = await create(context)
  const song = `${random.word()} ${random.word()}`
  const [changed, wish] = [JSON.stringify(newPlaylist(random)), JSON.stringify({ song })]
  const uploads = [
    rawJson('PUT', path, { 'If-Match': tag, 'Content-Length': String(changed.length + 40) }, changed),
    rawJson('POST', '/requests', { 'Idempotency-Key': newKey(random), 'Content-Length': String(wish.length + 40) }, wish),
  ]
  for (const upload of uploads) {
    const connection = await client.connect()
    await sendRaw(connection, upload)
    note('the upload breaks off before its end')
    connection.end()
    await connection.closed({ withinMs: 1_000 }).catch(() => note('the server keeps the connection open'))
  }
  await isKept(context, path, playlist)
  await isListed(context, song, 0)
})

check('slow-editor', 'An upload that stalls keeps nobody else from writing, and is judged by what is there when it is complete', {
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
  await stallsWithSong(context)
})

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

/** Sends a song with a key. */
function ask(client: Client, key: string, song: string, withinMs?: number): Promise<Reply> {
  return client.post('/requests', { json: { song }, headers: { 'idempotency-key': key }, ...(withinMs !== undefined && { withinMs }) })
}

/** A key as clients make them: long, and never used before. */
function newKey(random: Random): string {
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

/** The song stands in the list so many times. */
function isListed({ client, expect, eventually }: CheckContext, song: string, times: number): Promise<SongRequest[]> {
  const many = times === 0 ? 'not at all' : times === 1 ? 'once' : `${String(times)} times`
  // Whether it is there at once is the matter of `read-your-write` alone.
  return eventually(`the list has the song ${many}`, 300, async () => {
    const found = await listed(client, song)
    expect(`the list has the song ${many}`, found.length === times, { expected: times, actual: found })
    return found
  })
}

/** The id and song of an answer to a request that was taken. */
function requestIn(reply: Reply, song: string): SongRequest {
  reply.hasStatus(done).satisfies('the answer is the request: its id, a text, and its song', () => {
    const made = reply.json<Partial<SongRequest> | null>()
    return typeof made?.id === 'string' && made.id !== '' && made.song === song
  })
  const { id } = reply.json<SongRequest>()
  return { id, song }
}

check('requests-a-song', 'POST /requests with a new key answers 201, the id and the song, and GET /requests lists it', {
  hints: [
    'A new key is a new wish, even for a song that somebody else has wished for already. What was acknowledged is in the list from then on.',
    'See the contract, the rows of /requests.',
    'Each new key gets an id of its own. Write the request to the store, wait until that is done, and answer then.',
  ],
}, async (context) => {
  const { client, random, expect } = context
  const song = `${random.word()} ${random.word()}`
  const reply = await ask(client, newKey(random), song)
  const first = requestIn(reply.hasStatus(201), song)
  const [alone] = await isListed(context, song, 1)
  expect('it is listed with its id', alone?.id === first.id, { expected: first.id, actual: alone?.id })
  const second = requestIn(await ask(client, newKey(random), song), song)
  expect('another key for the same song is another request', second.id !== first.id, { expected: 'another id', actual: second.id })
  await isListed(context, song, 2)
})

check('key-required', 'POST /requests without an Idempotency-Key answers 400 and adds nothing', {
  hints: [
    'Without a key a retry cannot be told from a new wish. The server asks for one, so that no client can forget it.',
    'See “A retry that does no harm”.',
    'Look for the header Idempotency-Key before anything is kept. Missing: 400, with a sentence.',
  ],
}, async (context) => {
  const { client, random } = context
  const song = `${random.word()} ${random.word()}`
  const reply = await client.post('/requests', { json: { song } })
  reply.hasStatus(400).hasJsonError()
  await isListed(context, song, 0)
})

check('replay', 'The same key and song again get the same answer, and nothing is added', {
  hints: [
    'The client has not heard the first answer, so it asks again. It wants the answer that it missed, and not a second song.',
    'See “A retry that does no harm”.',
    'Keep, under the key, what you answered: 201, the id, the song. When the key comes again, answer from there.',
  ],
}, async (context) => {
  const { client, random, note } = context
  const [song, other] = [`${random.word()} ${random.word()}`, `${random.word()} ${random.word()}`]
  const key = newKey(random)
  const first = await ask(client, key, song)
  requestIn(first, song)
  note('the answer is lost, so the client asks again')
  const again = await ask(client, key, song)
  again.hasStatus(first.status).hasJson(first.json())
  requestIn(await ask(client, newKey(random), other), other)
  note('and again, when somebody else has asked meanwhile')
  const late = await ask(client, key, song)
  late.hasStatus(first.status).hasJson(first.json())
  await isListed(context, song, 1)
})

check('replay-concurrent', 'The same key 10 times at the same moment gets the same answer 10 times, and adds one song', {
  withinMs: 15_000,
  hints: [
    'An impatient client asks again before the first attempt is through. Then the store does not know the key yet, though the work has begun.',
    'See “The key and the work are one”.',
    'Whoever comes with a key that is being worked on waits for that work, and answers what it answered. Other keys need not wait.',
  ],
}, async (context) => {
  for (let race = 1; race <= races(context); race += 1) await oneAnswer(context)
})

/** Two clients, each with a key of its own, send their request ten times at once. */
async function oneAnswer(context: CheckContext): Promise<void> {
  const { random, inOneStep, expect } = context
  const wishes = [0, 1].map(() => ({ key: newKey(random), song: `${random.word()} ${random.word()}` }))
  const attempts = Array.from({ length: 10 }, () => wishes).flat()
  const replies = await inOneStep('2 clients send POST /requests 10 times each, all at once, each client with its own key', () => (
    atOnce(context, attempts.map(({ key, song }) => rawJson('POST', '/requests', { 'Idempotency-Key': key }, JSON.stringify({ song }))))
  ))
  expect('every attempt gets the same status, 201', /^20 × 20[01]$/.test(tally(replies)), { expected: '20 × 201', actual: tally(replies) })
  for (const { key, song } of wishes) {
    const ids = new Set(replies.filter((_, index) => attempts[index]?.key === key).map((reply) => requestIn(reply, song).id))
    expect('all attempts with one key get one id', ids.size === 1, { expected: 1, actual: [...ids] })
    await isListed(context, song, 1)
  }
}

check('key-with-other-body', 'A key that comes again with another song gets 422; nothing is added, and the first answer stays', {
  withinMs: 10_000,
  hints: [
    'A key names one wish. The same key for another song is a bug in the client, and the old answer would hide it: the client would believe its new song was taken.',
    'See “A retry that does no harm”.',
    'Keep the song beside the key, and compare before you repeat the answer. Unlike: 422, and leave what you have kept alone.',
  ],
}, async (context) => {
  const { client, random } = context
  const [song, other] = [`${random.word()} ${random.word()}`, `${random.word()} ${random.word()}`]
  const key = newKey(random)
  const first = await ask(client, key, song)
  requestIn(first, song)
  const misused = await ask(client, key, other)
  misused.hasStatus(422).hasJsonError()
  await isListed(context, other, 0)
  const again = await ask(client, key, song)
  again.hasStatus(done).hasJson(first.json())
  await isListed(context, song, 1)
  for (let race = 1; race <= races(context); race += 1) await oneSongWins(context)
})

/** One key with two songs at the same moment. */
async function oneSongWins(context: CheckContext): Promise<void> {
  const { random, inOneStep, expect } = context
  const [key, songs] = [newKey(random), [`${random.word()} ${random.word()}`, `${random.word()} ${random.word()}`]]
  const replies = await inOneStep('2 clients send POST /requests at once, with one key and two songs', () => (
    atOnce(context, songs.map((song) => rawJson('POST', '/requests', { 'Idempotency-Key': key }, JSON.stringify({ song }))))
  ))
  expect('one song is taken, and the other gets 422', /^1 × 20[01], 1 × 422$/.test(tally(replies)), { expected: '1 × 201, 1 × 422', actual: tally(replies) })
  for (const [index, song] of songs.entries()) await isListed(context, song, replies[index]?.status === 422 ? 0 : 1)
}

check('keys-letter-by-letter', 'Keys of up to 200 characters are compared letter by letter, all are remembered, and the list has every request', {
  withinMs: 10_000,
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
  const again = await inOneStep('the same once more', () => inGroups(keys, (key) => ask(client, key, song)))
  const kept = again.filter((reply, index) => requestIn(reply, song).id === requestIn(replies[index] ?? reply, song).id)
  expect('each key gets its first answer again', kept.length === keys.length, { expected: keys.length, actual: kept.length })
  await isListed(context, song, keys.length)
})

/** Keys that differ in little, and so many that a short memory or a short list shows. */
function alikeKeys(random: Random): string[] {
  const key = newKey(random)
  const long = key.padEnd(199, 'x')
  const signs = ['!', '#', '$', '%', '&', '+', '/', ':', ';', '=', '?', '@', '[', '|', '~'].map((sign) => `${key}${sign}1`)
  return [key, key.toUpperCase(), key.replaceAll('-', '_'), key.replaceAll('-', ''), `${long}a`, `${long}b`, long, ...signs]
}

/** Few at a time: not every server lets many wait at its door. */
async function inGroups<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += AT_THE_DOOR) results.push(...await Promise.all(items.slice(at, at + AT_THE_DOOR).map(work)))
  return results
}

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
  for (const bad of ['{}', '{"song": ""}', '{"song": 7}', JSON.stringify({ song: 'x'.repeat(201) })]) {
    const refused = await client.post('/requests', { body: bad, headers: { ...jsonType, 'idempotency-key': key } })
    refused.hasStatus(422).hasJsonError()
  }
  const malformed = await client.post('/requests', { body: '{"song": "half', headers: { ...jsonType, 'idempotency-key': key } })
  malformed.hasStatus(400).hasJsonError()
  const plainText = await client.post('/requests', { body: JSON.stringify({ song }), headers: { 'content-type': 'text/plain', 'idempotency-key': key } })
  plainText.hasStatus(415).hasJsonError()
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
  const { client, random } = context
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
  const again = await ask(client, key, song)
  again.hasStatus(done).hasJson(first.json())
})
