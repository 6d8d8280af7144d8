import { check, chunk, LAST_CHUNK, rawJson, rawRequest } from '../harness/lab.ts'
import type { CheckContext, Client, Reply } from '../harness/lab.ts'
import { addShow, idOf, inChunks, newShow, pathOf, removeAtEnd, replyUnlessClosed, taken } from './shows.ts'
import type { Show } from './shows.ts'

/** Where one request ends and the next begins, however the packets are cut. */
export function pieces(): void {
  check('split-packets', 'A request may come byte by byte, and two requests in one packet', {
    hints: [
      'TCP carries a stream of bytes. Where one packet ends says nothing: neither where a request ends, nor where a letter does.',
      'See “A packet is not a request”.',
      'Gather bytes until the body is whole, and decode them together. Bytes that are left over belong to the next request, also behind a body, a last chunk or a refusal.',
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
    const shows = [await addShow(client, random), await addShow(client, random)]
    await answersTwoAtOnce(client, shows, expect)
    await answersBehindABody(client, newShow(random), shows[0]!)
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

/** A body ends where it says, and what follows it in the same packet is the next request, be the first one taken or refused. */
async function answersBehindABody(client: Client, { title, minutes }: Omit<Show, 'id'>, show: { id: string; path: string }): Promise<void> {
  const body = JSON.stringify({ title, minutes })
  const malformed = rawJson('POST', '/shows', `${body},`)
  const firsts = [rawJson('POST', '/shows', body), malformed, rawRequest('POST', '/shows', inChunks, chunk(body) + LAST_CHUNK)]
  for (const first of firsts) {
    const connection = await client.connect()
    await connection.send(first + rawRequest('GET', show.path))
    const reply = await connection.reply({ withinMs: 2_000 })
    // How a malformed body is refused is the matter of `400`.
    if (first !== malformed) reply.hasStatus(taken)
    reply.satisfies('the first answer is to the first request', () => !reply.text.includes(JSON.stringify(show.id)))
    if (reply.isLast) continue
    // Who refuses a request may close the connection.
    const next = first === malformed ? await replyUnlessClosed(connection, { withinMs: 2_000 }) : await connection.reply({ withinMs: 2_000 })
    next?.hasStatus(200).satisfies('the second answer is to the second request', () => idOf(next) === show.id)
  }
}
