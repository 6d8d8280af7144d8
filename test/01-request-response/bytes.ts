import { check, rawRequest } from '../harness/lab.ts'
import { guide, isShow, pathOf, removeAtEnd, taken } from './shows.ts'

/** Nothing of it may be escaped, decoded, stripped or composed: tags, quotes, escapes, spaces, an emoji of three parts, an accent by itself. */
const ODD_TITLE = '<b>A & B</b> &lt; "x" \'y\' \\n  %41+1 👩\u200D🚀 e\u0301'

/** Bytes and what they stand for: badly escaped paths, letters of every script. */
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
