import { check } from '../harness/lab.ts'
import { FRESH, guide, jsonType, newShow } from './shows.ts'
import type { Show } from './shows.ts'

/** What nobody means to send, and a server gets all the same. */
export function oddInput(): void {
  check('odd-input', 'Odd input gets an answer from 200 to 499, and the server lives', {
    hints: [
      'Anybody may send anything. What a program has not foreseen may become an error, and an error that nobody catches is the server’s own failure: 500, or its end.',
      'See “The last handlers”: what an uncaught error does.',
      'The story names the input. What throws on it: the decoder, the parser, your look at the fields, or the answer that sends the title back? That error must become a 4xx.',
    ],
  }, async ({ copy, random, note }) => {
    const { client } = await copy(FRESH)
    for (const [what, body] of oddBodies(newShow(random))) {
      note(what)
      const reply = await client.post('/shows', { body, headers: jsonType })
      reply.satisfies(`${what}: a status from 200 to 499`, () => reply.status >= 200 && reply.status <= 499, () => reply.status)
    }
    note('and the server goes on serving')
    await guide(client)
  })
}

function oddBodies({ title, minutes }: Omit<Show, 'id'>): [string, string | Uint8Array][] {
  const text = JSON.stringify({ title, minutes })
  return [
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(`","minutes":${minutes}}`)])],
    ['a byte order mark', `\uFEFF${text}`],
    ['half of a UTF-16 pair', `{"title":"\\ud800","minutes":${minutes}}`],
    ['a key twice', `{"title":"${title}","title":7,"minutes":${minutes}}`],
    ['a huge number', `{"title":"${title}","minutes":1e999}`],
    ['a number of 400 digits', `{"title":"${title}","minutes":${'9'.repeat(400)}}`],
    ['deep nesting', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ]
}
