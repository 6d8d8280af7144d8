import { check, chunk, hasArrived, rawJson, rawRequest } from '../harness/lab.ts'
import type { CheckContext, Client, Reply } from '../harness/lab.ts'
import { addShow, guide, idOf, isAsBefore, isShow, newShow, pathOf, taken } from './shows.ts'

/** Nothing of it may be escaped, decoded, stripped or composed: tags, quotes, escapes, spaces, an emoji of three parts, an accent by itself. */
const ODD_TITLE = '<b>A & B</b> &lt; "x" \'y\' \\n  %41+1 👩\u200D🚀 e\u0301'

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

/** Requests as they come over a line: badly escaped, slow, cut off, in pieces, in every script. */
export function bytes(): void {
  check('bad-escape', 'A path that is badly escaped gets an answer from 400 to 499, and the server lives', {
    hints: [
      '%zz is no escape of any byte: to decode it is an error. An error that nobody catches ends the program, for all its clients.',
      'See “The last handlers”: what an uncaught error does.',
      'Find who decodes the path. Its error must become a 4xx answer; and ..%2f is an id like any other: unknown.',
    ],
  }, async ({ client, note }) => {
    for (const [method, path] of [['GET', '/shows/%zz'], ['GET', '/shows/..%2f'], ['GET', '/shows/%'], ['DELETE', '/shows/%zz']] as const) {
      const connection = await client.connect()
      await connection.send(rawRequest(method, path, { Connection: 'close' }))
      const reply = await connection.reply()
      reply.satisfies(`${method} ${path} gets a status from 400 to 499`, () => reply.status >= 400 && reply.status <= 499, () => reply.status)
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
    const path = pathOf(await client.post('/shows', { json: newShow(random) }))
    const body = JSON.stringify(newShow(random))
    const connection = await client.connect()
    await connection.send(rawJson('POST', '/shows', body).slice(0, -10))
    await hasArrived(client, '/shows')
    note('half of an upload is sent, and now it stalls')
    const read = await client.get('/shows', { withinMs: 2_000 })
    read.hasStatus(200)
    const written = await client.post('/shows', { json: newShow(random), withinMs: 2_000 })
    written.hasStatus(taken)
    for (const method of ['GET', 'DELETE']) await client.request(method, path, { withinMs: 2_000 })
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
    const before = await guide(client)
    const [counted, body] = [JSON.stringify(newShow(random)), JSON.stringify(newShow(random))]
    const uploads = [
      rawJson('POST', '/shows', counted, { 'Content-Length': String(counted.length + 40) }),
      rawRequest('POST', '/shows', { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' }, chunk(body)),
    ]
    for (const upload of uploads) {
      const connection = await client.connect()
      await connection.send(upload)
      note('the upload breaks off before its end')
      connection.end()
      await connection.closed({ withinMs: 1_000 }).catch(() => note('the server keeps the connection open'))
    }
    await isAsBefore(context, before)
  })

  check('split-packets', 'A request may come byte by byte, and two requests in one packet', {
    hints: [
      'TCP carries a stream of bytes. Where one packet ends says nothing: neither where a request ends, nor where a letter does.',
      'See “A packet is not a request”.',
      'Gather bytes until the body is whole, and decode them together. Bytes that are left over belong to the next request.',
    ],
  }, async ({ client, random, expect, onEnd }) => {
    const sent = { title: `ñ港 ${random.word()}`, minutes: random.integer(2, 1439) }
    const bytes = Buffer.from(rawJson('POST', '/shows', JSON.stringify(sent)))
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
    await reading.send(rawRequest('GET', path, { Connection: 'close' }))
    const read = await reading.reply()
    expect('the letters that came byte by byte are whole', titleIn(read).startsWith('ñ港'), { expected: sent.title, actual: read.text })
    await answersTwoAtOnce(client, [await addShow(client, random), await addShow(client, random)], expect)
  })

  // Last, for a program that fails it may have a show in the guide that no list can carry whole.
  check('utf8-bytes', 'Letters of every script come back whole; Content-Length counts bytes, a title’s limit characters', {
    hints: [
      'Content-Length counts bytes. “Ñandú, 港” has 8 characters and 12 bytes; an answer that announces the smaller number is cut before its end.',
      'See “Bytes, not characters”.',
      'Does your program set Content-Length by itself? Measure the encoded bytes, or leave the header to the library. The limit of a title is the other way round: characters.',
    ],
  }, async ({ client, random, expect, onEnd }) => {
    const minutes = random.integer(2, 1439)
    for (const title of [`Ñandú, 港 ${random.word()}`, ODD_TITLE]) {
      const sent = { title, minutes }
      const reply = await client.post('/shows', { json: sent })
      reply.hasStatus(taken)
      const path = pathOf(reply)
      removeAtEnd({ client, onEnd }, path)
      const read = await client.get(path)
      expect('the title comes back as it was sent', isShow(reply.json(), sent), { expected: sent, actual: reply.text })
      expect('GET sends the same title', isShow(read.json(), sent), { expected: sent, actual: read.text })
      // A bare connection reads no further than it must: what follows the answer to HEAD is for `head-like-get`.
      const bare = await client.connect()
      await bare.send(rawRequest('HEAD', path, { Connection: 'close' }))
      const head = await bare.reply({ forMethod: 'HEAD' })
      for (const { status, headers } of [read, head]) {
        const length = headers['content-length']
        expect('Content-Length is the number of bytes', status !== 200 || length === undefined || Number(length) === read.bytes.length, {
          expected: read.bytes.length, actual: length,
        })
      }
      const list = await client.get('/shows')
      expect('the guide carries the title, too', JSON.stringify(list.json()).includes(JSON.stringify(title)), { expected: title, actual: list.text })
    }
    const long = await client.post('/shows', { json: { title: 'ñ'.repeat(150), minutes } })
    long.satisfies('150 times ñ are 150 characters, and a title', () => taken.includes(long.status), () => long.status)
    removeAtEnd({ client, onEnd }, pathOf(long))
  })
}

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
