import { check, hasArrived, isRefusedAsTooLarge, lab } from './harness/lab.ts'
import type { CheckContext, Client, Reply } from './harness/lab.ts'

lab({ title: 'The programme guide', program: 'server', copies: 1 })

interface Show {
  id: string
  title: string
  minutes: number
}

type Random = CheckContext['random']

/** The exact status is a matter of `creates-with-location` alone; other checks need to know that the show was taken. */
const taken = [200, 201]
const jsonType = { 'content-type': 'application/json' }

/** A new show as a client sends it. */
function newShow(random: Random): Omit<Show, 'id'> {
  return { title: `${random.word()} ${random.word()}`, minutes: random.integer(2, 1439) }
}

/** The path in Location, whether it is relative or absolute; undefined when it is none of a show. */
function locationOf(reply: Reply): string | undefined {
  const location = reply.headers.location ?? ''
  if (!URL.canParse(location, 'http://localhost/shows')) return undefined
  const { pathname } = new URL(location, 'http://localhost/shows')
  return /^\/shows\/[^/]+$/.test(pathname) ? pathname : undefined
}

/** The id in the body, which may be any JSON. */
function idOf(reply: Reply): string | undefined {
  return reply.json<Show | null>()?.id
}

/** Where a new show lives: what Location says, or what the id gives where Location is no use. */
function pathOf(reply: Reply): string {
  const location = locationOf(reply)
  if (location !== undefined) return location
  return `/shows/${encodeURIComponent(String(idOf(reply)))}`
}

/** Adds a show and returns it with its path. */
async function addShow(client: Client, random: Random): Promise<Show & { path: string }> {
  const reply = await client.post('/shows', { json: newShow(random) })
  reply.hasStatus(taken)
  return { ...reply.json<Show>(), path: pathOf(reply) }
}

/**
 * Takes a show out of the guide when the check ends, so that no later list has to carry its letters. Not by the check's
 * client: this is no step of the story, and nothing to try by hand.
 */
function removeAtEnd({ client, onEnd }: Pick<CheckContext, 'client' | 'onEnd'>, path: string): void {
  onEnd(async () => {
    const url = new URL(path, client.origin)
    const response = await fetch(url, { method: 'DELETE', signal: AbortSignal.timeout(1_000) })
    await response.body?.cancel()
  })
}

/** The whole guide. */
async function guide(client: Client): Promise<Show[]> {
  const reply = await client.get('/shows')
  reply.hasStatus(200).hasContentType('application/json')
  reply.satisfies('the guide is an array of objects', () => {
    const shows = reply.json()
    return Array.isArray(shows) && shows.every((show) => typeof show === 'object' && show !== null)
  })
  return reply.json<Show[]>()
}

function isShow(show: unknown, like: Partial<Show>): boolean {
  if (typeof show !== 'object' || show === null) return false
  const { id, title, minutes } = show as Show
  return typeof id === 'string' && id !== '' && title === like.title && minutes === like.minutes
}

/** What the guide must not have taken: a show of this title. */
async function lacksTitle({ client, expect }: CheckContext, title: string): Promise<void> {
  const titles = (await guide(client)).map((show) => show.title)
  expect('the guide is as it was before', !titles.includes(title), { actual: titles.slice(-3) })
}

/** A whole request as bytes. */
function rawRequest(method: string, path: string, headers: string[] = [], body = ''): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...headers, '', body].join('\r\n')
}

function rawPost(body: string, length = Buffer.byteLength(body)): string {
  return rawRequest('POST', '/shows', ['Content-Type: application/json', `Content-Length: ${length}`], body)
}

check('starts-empty', 'A guide that was started this moment answers []', {
  hints: [
    'The guide is a collection. An empty collection is still there: it is 200 with an empty array, not 404 and not an example.',
    'See “The list and its items”.',
    'Start with an empty list in memory, and answer it as it is.',
  ],
}, async ({ copy }) => {
  const fresh = await copy({ name: 'fresh', own: true })
  const reply = await fresh.client.get('/shows')
  reply.hasStatus(200).hasJson([])
})

check('creates-with-location', 'POST /shows answers 201, says where the new show lives, and sends it back', {
  hints: [
    'The client does not know the id, so the answer to POST has to tell it: the status says “made”, Location says where, the body says what.',
    'See “Where the new show lives”.',
    'Look at the status, at the Location header (/shows/ and the id), and at the body: the show with its id, a string. A good show is refused, or gets 500: does the body reach your handler? Who parses it?',
  ],
}, async ({ client, random, expect, fail }) => {
  const sent = newShow(random)
  const reply = await client.post('/shows', { json: sent })
  // 404 and 405 say that there is no such route yet; any other refusal of a good show, that its body was not understood.
  if (reply.status >= 400 && reply.status !== 404 && reply.status !== 405) {
    fail(`Expected status 201, got ${reply.status} from POST /shows, for a well-formed show. Does the body reach your handler?`, {
      expected: '201', actual: `${reply.status} ${reply.text.slice(0, 300)}`,
    })
  }
  reply.hasStatus(201).hasContentType('application/json')
  const show = reply.json<Show>()
  expect('the body is the show that was sent, with an id that is a non-empty string', isShow(show, sent), {
    expected: { id: '…', ...sent }, actual: show,
  })
  reply.hasHeader('Location')
  const paths = [`/shows/${show.id}`, `/shows/${encodeURIComponent(show.id)}`]
  expect('Location is /shows/ and the id', paths.includes(locationOf(reply) ?? ''), {
    expected: `/shows/${show.id}`, actual: reply.headers.location,
  })
})

check('lists', 'GET /shows answers every show as a JSON array, the oldest first', {
  hints: [
    'A collection has an order, and its clients rely on it: the guide grows at its end.',
    'See “The list and its items”.',
    'Answer the array itself, without an object round it, each show whole, in the order in which they came.',
  ],
}, async ({ client, random, expect }) => {
  const first = await addShow(client, random)
  const second = await addShow(client, random)
  const shows = await guide(client)
  const places = [first, second].map((added) => shows.findIndex((show) => show.id === added.id))
  expect('both new shows are in the guide', !places.includes(-1), { expected: [first.id, second.id], actual: shows.slice(-3) })
  expect('the older show comes first', places[0]! < places[1]!, { expected: 'rising places', actual: places })
  expect('each is whole', isShow(shows[places[0]!], first), { expected: first, actual: shows[places[0]!] })
})

check('reads-one', 'GET /shows/:id answers that show; an id that names none gets 404', {
  hints: [
    'Each show is a thing with an address of its own, which answers that show, whole. Where no show has the id, the status says so, and a sentence in JSON says it again.',
    'See “The list and its items”: how one show is read, and how all refusals look alike.',
    'Look the show up by the id in the path. Found: 200 and the show. Not found: 404 and `{"error": …}`, announced as JSON, before you send anything else.',
  ],
}, async ({ client, random, expect }) => {
  const one = await addShow(client, random)
  await addShow(client, random)
  const reply = await client.get(one.path)
  reply.hasStatus(200).hasContentType('application/json')
  const read = reply.json<Show>()
  expect('it is the show of that id', read !== null && read.id === one.id && isShow(read, one), { expected: one, actual: read })
  const missing = await client.get(`/shows/${random.word()}`)
  missing.hasStatus(404).hasJsonError()
})

check('deletes', 'DELETE /shows/:id answers 204 and removes that show alone; after that its address gets 404', {
  hints: [
    '204 says: done, and there is nothing to read. After that the address names nothing: for GET, and for DELETE as well.',
    'See “Gone is gone”.',
    'Check three things: no body with 204; the show is out of the list; an id that is not found removes nothing and gets 404.',
  ],
}, async ({ client, random, expect }) => {
  const [before, doomed, after] = [await addShow(client, random), await addShow(client, random), await addShow(client, random)]
  const reply = await client.delete(doomed.path)
  reply.hasStatus(204).hasEmptyBody()
  const gone = await client.get(doomed.path)
  gone.hasStatus(404).hasJsonError()
  const again = await client.delete(doomed.path)
  again.hasStatus(404).hasJsonError()
  const ids = (await guide(client)).map((show) => show.id)
  expect('the deleted show is not in the guide', !ids.includes(doomed.id), { actual: ids })
  expect('the other shows still are', ids.includes(before.id) && ids.includes(after.id), {
    expected: [before.id, after.id], actual: ids,
  })
})

check('server-names-the-show', 'The server chooses the id, whatever id the client sends', {
  hints: [
    'An id is the server’s promise that no two shows share an address. A client that could choose it could take another show’s place.',
    'See “Where the new show lives”.',
    'Take the title and the minutes out of the body, one by one, and nothing else. Is the client’s id not to blame? Then see whether two shows can get the same one from you.',
  ],
}, async ({ client, random, expect, fail }) => {
  const victim = await addShow(client, random)
  // A server may refuse the extra member, or pass over it: but it must never take the id.
  const reply = await client.post('/shows', { json: { ...newShow(random), id: victim.id } })
  reply.hasStatus([...taken, 422])
  if (reply.status !== 422) {
    const id = idOf(reply)
    if (id === victim.id) {
      fail(`Expected the new show to have an id of its own: an older show already has the id ${victim.id}.`, {
        expected: 'an id that no show has or had', actual: id,
      })
    }
  }
  const kept = (await client.get(victim.path)).hasStatus(200).json<Show>()
  expect('the older show is what it was', isShow(kept, victim), { expected: victim, actual: kept })
})

check('ids-never-reused', 'No two shows ever share an id, not even a deleted show and a later one', {
  hints: [
    'Somebody may have kept the address of a deleted show. It must never lead to another show.',
    'See “Gone is gone”.',
    'Where does a new id come from? It must depend neither on how many shows there are now, nor on the last one still there.',
  ],
}, async ({ client, random, expect }) => {
  const first = await addShow(client, random)
  const second = await addShow(client, random)
  await client.delete(first.path)
  const third = await addShow(client, random)
  await client.delete(third.path)
  const fourth = await addShow(client, random)
  const ids = [first, second, third, fourth].map((show) => show.id)
  expect('four shows had four ids', new Set(ids).size === 4, { expected: 'four different ids', actual: ids })
  const missing = await client.get(first.path)
  missing.hasStatus(404)
})

check('many-at-once', 'Shows that come at the same moment are all kept, each with its own id', {
  hints: [
    'Many clients write at once, and within one millisecond the clock shows the same time to all of them.',
    'See “Where the new show lives”, on what makes a good id.',
    'Make the id from something that differs for each show: a count that never goes down, or enough random bits.',
  ],
}, async ({ client, random, expect }) => {
  const replies = await Promise.all(Array.from({ length: 24 }, () => client.post('/shows', { json: newShow(random) })))
  for (const reply of replies) reply.hasStatus(taken)
  const ids = replies.map((reply) => idOf(reply))
  expect('24 shows have 24 ids', new Set(ids).size === ids.length, { expected: 24, actual: new Set(ids).size })
  const listed = new Set((await guide(client)).map((show) => show.id))
  expect('the guide has all of them', ids.every((id) => listed.has(id ?? '')), { actual: `${listed.size} shows` })
})

check('head-like-get', 'HEAD answers as GET does, headers and all, without the body', {
  hints: [
    'HEAD asks: what would GET tell me? So it goes the same way through the program; the body alone stays behind.',
    'See “The same question without the body”.',
    'HEAD needs GET’s status, its Content-Type and its Content-Length (of the body that is left out, so not 0), for the list, one show and a missing one.',
  ],
}, async ({ client, random, expect }) => {
  const show = await addShow(client, random)
  for (const path of ['/shows', show.path, `/shows/${random.word()}`]) {
    const get = await client.get(path)
    const head = await client.head(path)
    head.hasStatus(get.status).hasEmptyBody()
    const names = ['content-type', 'content-length'].filter((name) => get.headers[name] !== undefined)
    for (const name of names) head.hasHeader(name, get.headers[name])
  }
  const connection = await client.connect()
  await connection.send(rawRequest('HEAD', '/shows'))
  const head = await connection.reply({ forMethod: 'HEAD' })
  if (head.isLast) return
  await connection.send(rawRequest('GET', show.path))
  const next = await connection.reply()
  expect('no byte of a body follows the answer to HEAD', next.status === 200, { expected: 200, actual: next.status })
})

check('404-json', 'A path that names nothing gets 404, as JSON, whatever the method', {
  hints: [
    'Express has an answer of its own for unknown paths, and it is a web page. A client that reads JSON cannot read it.',
    'See “The last handlers”.',
    'What must come after all routes, so that it answers only what none of them took?',
  ],
}, async ({ client, random }) => {
  for (const path of ['/', `/${random.word()}`, `/${random.word()}/${random.word()}`]) {
    const reply = await client.get(path)
    reply.hasStatus(404).hasJsonError()
  }
  const posted = await client.post(`/${random.word()}`, { json: newShow(random) })
  posted.hasStatus(404).hasJsonError()
  const deleted = await client.delete(`/${random.word()}`)
  deleted.hasStatus(404).hasJsonError()
})

check('405-allow', 'A known path with another method gets 405, and Allow lists what is possible there', {
  hints: [
    'The thing exists, but this cannot be done to it. 404 would say that it is not there; 405 with Allow says what one may do instead.',
    'See “Which refusal?”, the row of 405.',
    'After the methods of a path, answer every other method of it. Allow differs between the list and one show.',
  ],
}, async ({ client, random, expect }) => {
  const show = await addShow(client, random)
  const cases: [string, string[], string[]][] = [
    ['/shows', ['PUT', 'PATCH', 'DELETE'], ['GET', 'POST']],
    [show.path, ['POST', 'PUT', 'PATCH'], ['DELETE', 'GET']],
  ]
  for (const [path, methods, allowed] of cases) {
    for (const method of methods) {
      const reply = await client.request(method, path, method === 'DELETE' ? {} : { json: newShow(random) })
      reply.hasStatus(405).hasHeader('Allow').hasJsonError()
      const listed = reply.headers.allow!.split(',').map((name) => name.trim()).filter((name) => name !== '')
      const required = listed.filter((name) => name !== 'HEAD' && name !== 'OPTIONS').sort()
      expect(`Allow lists ${allowed.join(' and ')} (HEAD and OPTIONS as you like)`, required.join() === allowed.join(), {
        expected: allowed, actual: listed,
      })
    }
  }
  await client.get(show.path).then((reply) => reply.hasStatus(200))
})

check('415', 'A body that is not JSON by its Content-Type gets 415; a charset beside the type does no harm', {
  hints: [
    'The sender says what its bytes are. A server that reads them as something else guesses, and sometimes guesses wrong.',
    'See “Which refusal?”, the row of 415.',
    'Compare the media type, in front of any semicolon and in any letter case, before you read the body. A missing type is refused, too.',
  ],
}, async (context) => {
  const { client, random, note } = context
  const sent = newShow(random)
  const body = JSON.stringify(sent)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
    const reply = await client.post('/shows', { body, headers: { 'content-type': type } })
    reply.hasStatus(415).hasJsonError()
  }
  note('the same without a Content-Type')
  const connection = await client.connect()
  await connection.send(rawRequest('POST', '/shows', [`Content-Length: ${body.length}`], body))
  const untyped = await connection.reply()
  untyped.hasStatus(415).hasJsonError()
  await lacksTitle(context, sent.title)
  for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset=UTF-8']) {
    const reply = await client.post('/shows', { body, headers: { 'content-type': type } })
    reply.hasStatus(taken)
  }
})

check('400', 'Malformed JSON gets 400, and the guide stays as it was', {
  hints: [
    'Text that is not JSON cannot be understood at all: the request is bad, whatever it meant. The sentence about it must be JSON all the same.',
    'See “Which refusal?”, the row of 400, and “The last handlers”.',
    'Where does the parser’s error go? Something has to catch it and answer, instead of Express’s own web page.',
  ],
}, async (context) => {
  const { client, random } = context
  const { title } = newShow(random)
  const bodies = [`{"title": "${title}", "minutes": 30`, `{'title': '${title}', 'minutes': 30}`, title, `{"title": "${title}", "minutes": 30} 7`]
  for (const body of bodies) {
    const reply = await client.post('/shows', { body, headers: jsonType })
    reply.hasStatus(400).hasJsonError()
  }
  const empty = await client.post('/shows', { body: '', headers: { ...jsonType, 'content-length': '0' } })
  empty.hasStatus([400, 422]).hasJsonError()
  await lacksTitle(context, title)
})

/** What is well-formed and yet no show; each is wrong in one point. */
function badShows({ title }: Omit<Show, 'id'>): [string, unknown][] {
  return [
    ['an array', []], ['a list of shows', [{ title, minutes: 30 }]], ['a text', title], ['a number', 30], ['null', null], ['true', true],
    ['no title', { minutes: 30 }], ['an empty title', { title: '', minutes: 30 }], ['a number as the title', { title: 7, minutes: 30 }],
    ['null as the title', { title: null, minutes: 30 }], ['a list as the title', { title: [title], minutes: 30 }],
    ['a title of 201 letters', { title: 'x'.repeat(201), minutes: 30 }],
    ['no minutes', { title }], ['0 minutes', { title, minutes: 0 }], ['-5 minutes', { title, minutes: -5 }],
    ['1441 minutes', { title, minutes: 1441 }], ['1.5 minutes', { title, minutes: 1.5 }], ['minutes as a text', { title, minutes: '30' }],
    ['true as the minutes', { title, minutes: true }], ['null as the minutes', { title, minutes: null }],
    ['a list as the minutes', { title, minutes: [30] }],
  ]
}

check('422', 'Well-formed JSON that is not a show gets 422, and the guide stays as it was', {
  hints: [
    'What comes over the wire is anything. The type in your source says what you hope for; nobody but your program looks at what came.',
    'See “Which refusal?”, the row of 422, and “Trust no field”.',
    'The story names the body that was judged wrongly. In turn: an object? the title’s type and length? the minutes’ type and range? 400 for a text or null: `express.json()` takes only objects and lists unless told `strict: false`.',
  ],
}, async (context) => {
  const { client, random, note } = context
  const like = newShow(random)
  for (const [what, bad] of badShows(like)) {
    note(what)
    const reply = await client.post('/shows', { body: JSON.stringify(bad), headers: jsonType })
    reply.hasStatus(422).hasJsonError()
  }
  await lacksTitle(context, like.title)
})

check('takes-the-limits', 'A show at the very limit is a show: 1 and 200 characters, 1 and 1440 minutes', {
  hints: [
    'What the contract allows must be taken, up to the limit itself, and kept as it was sent: 1440 minutes are a whole day, and a day is a show; 30.0 is the integer 30.',
    'See the contract’s first paragraph, and “Trust no field”.',
    'The story names the show. Refused: does each comparison let the limit itself through, and is 30.0 an integer to your language? Changed: answer the minutes as a number.',
  ],
}, async ({ client, random, note, expect }) => {
  const { title } = newShow(random)
  const shows = [
    ['a title of one letter', 'a', '30'], ['a title of 200 letters', 'x'.repeat(200), '30'],
    ['1 minute', title, '1'], ['1440 minutes', title, '1440'], ['30.0 minutes, which are 30', title, '30.0'],
  ] as const
  for (const [what, text, minutes] of shows) {
    note(what)
    const reply = await client.post('/shows', { body: `{"title": "${text}", "minutes": ${minutes}}`, headers: jsonType })
    reply.hasStatus(taken)
    const show = reply.json<Show | null>()
    expect('the minutes are the number that was sent', show?.minutes === Number(minutes), { expected: Number(minutes), actual: show })
  }
})

check('413', 'A body over 64 KiB gets 413, with or without a Content-Length; a smaller one is read', {
  hints: [
    'One limit holds for every body, however it comes: with its length announced or in chunks without. Below it a body is read; above it is refused, with an answer, and nothing is kept.',
    'See “Which refusal?”, the row of 413 and what follows on chunks; “The last handlers” for a parser’s error.',
    'The limit is 65,536 bytes, and a framework’s own default may differ. Count what arrives; when it is too much, answer 413 as JSON before you close.',
  ],
}, async (context) => {
  const { client, random } = context
  const [small, large] = [newShow(random), newShow(random)]
  const fits = await client.post('/shows', { body: JSON.stringify(small).padEnd(60_000), headers: jsonType })
  fits.hasStatus(taken)
  const body = JSON.stringify(large).padEnd(65_537)
  isRefusedAsTooLarge(await client.post('/shows', { body, headers: jsonType }))
  isRefusedAsTooLarge(await client.post('/shows', { body, headers: jsonType, chunked: true }))
  await lacksTitle(context, large.title)
})

check('bad-escape', 'A path that is badly escaped gets an answer from 400 to 499, and the server lives', {
  hints: [
    '%zz is no escape of any byte: to decode it is an error. An error that nobody catches ends the program, for all its clients.',
    'See “The last handlers”: what an uncaught error does.',
    'Find who decodes the path. Its error must become a 4xx answer; and ..%2f is an id like any other: unknown.',
  ],
}, async ({ client, note }) => {
  for (const path of ['/shows/%zz', '/shows/..%2f', '/shows/%']) {
    const connection = await client.connect()
    await connection.send(rawRequest('GET', path, ['Connection: close']))
    const reply = await connection.reply()
    reply.satisfies(`${path} gets a status from 400 to 499`, () => reply.status >= 400 && reply.status <= 499, () => reply.status)
  }
  note('and the server goes on serving')
  await guide(client)
})

check('slow-sender', 'An upload that stalls delays nobody else', {
  hints: [
    'One client on a bad line sends half a body and pauses. While the server waits for the rest, it is free to serve the others.',
    'See “Nobody waits for the slow one”.',
    'Does something let one request in at a time: a queue, a lock, a read that blocks? Wait for each body by itself.',
  ],
}, async ({ client, random, note }) => {
  const body = JSON.stringify(newShow(random))
  const connection = await client.connect()
  await connection.send(rawPost(body).slice(0, -10))
  await hasArrived(client, '/shows')
  note('half of an upload is sent, and now it stalls')
  const read = await client.get('/shows', { withinMs: 2_000 })
  read.hasStatus(200)
  const written = await client.post('/shows', { json: newShow(random), withinMs: 2_000 })
  written.hasStatus(taken)
  note('the slow one sends the rest')
  await connection.send(body.slice(-10))
  const reply = await connection.reply()
  reply.hasStatus(taken)
})

check('aborted-upload', 'A body that ends before it is complete leaves nothing in the guide', {
  hints: [
    'The connection can end at any byte. What came until then may even be valid JSON; the sender never finished, so nothing was sent.',
    'See “A packet is not a request”, on where a body ends.',
    'Store the show when the body is complete: as many bytes as announced, or the last chunk. The end of the connection is no such sign.',
  ],
}, async (context) => {
  const { client, random, note } = context
  const [counted, chunked] = [newShow(random), newShow(random)]
  const body = JSON.stringify(chunked)
  const uploads = [
    rawPost(JSON.stringify(counted), JSON.stringify(counted).length + 40),
    rawRequest('POST', '/shows', ['Content-Type: application/json', 'Transfer-Encoding: chunked'], `${body.length.toString(16)}\r\n${body}\r\n`),
  ]
  for (const upload of uploads) {
    const connection = await client.connect()
    await connection.send(upload)
    note('the upload breaks off before its end')
    connection.end()
    await connection.closed({ withinMs: 1_000 }).catch(() => note('the server keeps the connection open'))
  }
  await lacksTitle(context, counted.title)
  await lacksTitle(context, chunked.title)
})

check('split-packets', 'A request may come byte by byte, and two requests in one packet', {
  hints: [
    'TCP carries a stream of bytes. Where one packet ends says nothing: neither where a request ends, nor where a letter does.',
    'See “A packet is not a request”.',
    'Gather bytes until the body is whole, and decode them together. Bytes that are left over belong to the next request.',
  ],
}, async ({ client, random, expect, onEnd }) => {
  const sent = { title: `ñ港 ${random.word()}`, minutes: random.integer(2, 1439) }
  const bytes = Buffer.from(rawPost(JSON.stringify(sent)))
  const connection = await client.connect()
  // Byte by byte where it hurts: in the method, and from the quotation mark before ñ on through both letters.
  const title = bytes.indexOf('"ñ')
  await connection.sendSlowly(bytes.subarray(0, 6))
  await connection.send(bytes.subarray(6, title))
  await connection.sendSlowly(bytes.subarray(title, title + 8))
  await connection.send(bytes.subarray(title + 8, -4))
  await connection.sendSlowly(bytes.subarray(-4))
  const reply = await connection.reply()
  reply.hasStatus(taken)
  const path = pathOf(reply)
  removeAtEnd({ client, onEnd }, path)
  // On a bare connection, which stops reading where the answer says it ends, be that right or wrong.
  const reading = await client.connect()
  await reading.send(rawRequest('GET', path, ['Connection: close']))
  const read = await reading.reply()
  expect('the letters that came byte by byte are whole', titleIn(read).startsWith('ñ港'), { expected: sent.title, actual: read.text })
  await answersTwoAtOnce(client, [await addShow(client, random), await addShow(client, random)], expect)
})

/** The title in a body that may be cut short: whether an answer is whole is the matter of `utf8-bytes`. */
function titleIn({ text }: Reply): string {
  const [, title = ''] = /"title"\s*:\s*"((?:[^"\\]|\\.)*)/.exec(text) ?? []
  return title.replaceAll(/\\u([\da-f]{4})/gi, (_escape, code: string) => String.fromCharCode(parseInt(code, 16)))
}

async function answersTwoAtOnce(client: Client, shows: { id: string; path: string }[], expect: CheckContext['expect']): Promise<void> {
  const connection = await client.connect()
  await connection.send(shows.map((show) => rawRequest('GET', show.path)).join(''))
  for (const show of shows) {
    const reply = await connection.reply({ withinMs: 2_000 })
    reply.hasStatus(200)
    const id = idOf(reply)
    expect('the answers come in the order of the requests', id === show.id, { expected: show.id, actual: id })
    if (reply.isLast) return
  }
}

// Last, for a program that fails it may have a show in the guide that no list can carry whole.
check('utf8-bytes', 'Letters of every script come back whole; Content-Length counts bytes, a title’s limit characters', {
  hints: [
    'Content-Length counts bytes. “Ñandú, 港” has 8 characters and 12 bytes; an answer that announces the smaller number is cut before its end.',
    'See “Bytes, not characters”.',
    'Does your program set Content-Length by itself? Measure the encoded bytes, or leave the header to the library. The limit of a title is the other way round: characters.',
  ],
}, async ({ client, random, expect, onEnd }) => {
  const sent = { title: `Ñandú, 港 ${random.word()}`, minutes: random.integer(2, 1439) }
  const reply = await client.post('/shows', { json: sent })
  reply.hasStatus(taken)
  const path = pathOf(reply)
  removeAtEnd({ client, onEnd }, path)
  const read = await client.get(path)
  expect('the title comes back as it was sent', isShow(reply.json(), sent), { expected: sent, actual: reply.text })
  expect('GET sends the same title', isShow(read.json(), sent), { expected: sent, actual: read.text })
  const length = read.headers['content-length']
  expect('Content-Length is the number of bytes', length === undefined || Number(length) === read.bytes.length, {
    expected: read.bytes.length, actual: length,
  })
  const long = await client.post('/shows', { json: { ...sent, title: 'ñ'.repeat(150) } })
  long.satisfies('150 times ñ are 150 characters, and a title', () => taken.includes(long.status), () => long.status)
  removeAtEnd({ client, onEnd }, pathOf(long))
})
