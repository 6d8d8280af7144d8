import { check, isRefusedAsTooLarge } from '../harness/lab.ts'
import type { Reply } from '../harness/lab.ts'
import { bearer, done, enterPresenter, keepsQuiet, newcomer, newShow, pathOf, PRESENTERS, titles } from './people.ts'

/** What is refused: too long, of another type, malformed. */
export function refusals(): void {
  check('huge-header', 'A token of many kilobytes gets an answer from 400 to 499, and the server lives', {
    hints: [
      'What stands in a header is written by strangers, too. It may be of any length and mean nothing.',
      'See “One door, in front of what needs it”.',
      'A token that is too long is a token that nobody has. Find what takes it apart and throws; most libraries refuse 16 KiB by themselves.',
    ],
  }, async ({ client, random, note }) => {
    for (const kilobytes of [4, 20]) {
      note(`a token of ${kilobytes} KiB`)
      const connection = await client.connect()
      const token = `${random.word().padEnd(kilobytes * 1024, 'x.y')}!`
      await connection.send(`GET /me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`)
      const reply = await connection.reply()
      reply.satisfies('the status is from 400 to 499', ({ status }) => status >= 400 && status <= 499, ({ status }) => status)
    }
    note('and the server goes on serving')
    await client.get('/me')
  })

  check('bad-input', 'What cannot be understood is refused with a JSON error: 415, 413, 400, 422', {
    hints: [
      'Each refusal says whose move it is: the wrong type (415), too much (413), not JSON (400), JSON and not what is asked for (422).',
      'See “Bad input” in the contract, and chapter 01’s “Which refusal?”.',
      'The story names the request. Trust no field: a text may be a number, a list, or missing. An error that nobody catches becomes a 500, or Express’s web page.',
    ],
  }, async (context) => {
    const { client, random, note, expect } = context
    const { token } = await enterPresenter(context, PRESENTERS[2]!)
    const { headers } = bearer(token)
    const { title } = newShow(random)
    const ada = newcomer(random, 'ada')
    const plain = { 'content-type': 'text/plain' }
    const json = { 'content-type': 'application/json', ...headers }
    const attempts: [string, () => Promise<Reply>, number | number[]][] = [
      ['a letter as text/plain', () => client.post('/letters', { body: '{"text":"x"}', headers: { ...headers, ...plain } }), 415],
      ['an account as a form', () => client.post('/accounts', { body: 'name=a&password=12345678', headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 415],
      ['a sign-in as text/plain', () => client.post('/sessions', { body: JSON.stringify(ada), headers: plain }), 415],
      ['a show as text/plain', () => client.post('/shows', { body: JSON.stringify({ title, minutes: 30 }), headers: { ...headers, ...plain } }), 415],
      ['half a letter', () => client.post('/letters', { body: '{"text":"x', headers: json }), 400],
      ['half a show', () => client.post('/shows', { body: `{"title":"${title}"`, headers: json }), 400],
      ['half an account', () => client.post('/accounts', { body: JSON.stringify(ada).slice(0, -1), headers: { 'content-type': 'application/json' } }), 400],
      ['half a sign-in', () => client.post('/sessions', { body: '{"name":', headers: { 'content-type': 'application/json' } }), 400],
      ['a sign-in without a password', () => client.post('/sessions', { json: { name: random.word() } }), [401, 422]],
      ['a sign-in with a number as the password', () => client.post('/sessions', { json: { name: random.word(), password: 12_345_678 } }), [401, 422]],
      ['a sign-in with a list as the password', () => client.post('/sessions', { json: { name: random.word(), password: [random.word()] } }), [401, 422]],
      ['a sign-in with an object as the name', () => client.post('/sessions', { json: { name: {}, password: random.word() } }), [401, 422]],
      ['null as a sign-in', () => client.post('/sessions', { json: null }), [400, 401, 422]],
      ['a letter without a text', () => client.post('/letters', { json: {}, headers }), 422],
      ['a letter with an empty text', () => client.post('/letters', { json: { text: '' }, headers }), 422],
      ['a letter with a number as its text', () => client.post('/letters', { json: { text: 7 }, headers }), 422],
      ['null as a letter', () => client.post('/letters', { json: null, headers }), [400, 422]],
      ['null as a show', () => client.post('/shows', { json: null, headers }), [400, 422]],
      ['a show without minutes', () => client.post('/shows', { json: { title }, headers }), 422],
      ['a show without a title', () => client.post('/shows', { json: { minutes: 30 }, headers }), 422],
    ]
    for (const [what, attempt, status] of attempts) {
      note(what)
      const reply = await attempt()
      reply.hasStatus(status).hasJsonError()
      keepsQuiet(reply, ada.password)
    }
    note('passwords in JSON that is malformed just there: some parsers quote the place')
    const secret = `x${random.word()}`.slice(0, 8)
    for (const path of ['/accounts', '/sessions']) {
      const reply = await client.post(path, { body: `{"name":"${random.word()}","password":${secret}}`, headers: { 'content-type': 'application/json' } })
      reply.hasStatus(400).hasJsonError()
      keepsQuiet(reply, secret)
    }
    note('an account without a Content-Type')
    const connection = await client.connect()
    await connection.send('POST /accounts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}')
    const untyped = await connection.reply()
    untyped.hasStatus(415).hasJsonError()
    note('more than 64 KiB as a letter, as a show, and as a password of 40,000 times ñ, which are 80,000 bytes')
    isRefusedAsTooLarge(await client.post('/letters', { json: { text: 'x'.repeat(65_537 - '{"text":""}'.length) }, headers }))
    isRefusedAsTooLarge(await client.post('/accounts', { json: { name: random.word(), password: 'ñ'.repeat(40_000) } }))
    isRefusedAsTooLarge(await client.post('/sessions', { json: { ...ada, password: 'x'.repeat(80_000) } }))
    isRefusedAsTooLarge(await client.post('/shows', { json: { title, minutes: 30, about: 'x'.repeat(80_000) }, headers }))
    note('80,000 bytes in chunks, without a Content-Length')
    isRefusedAsTooLarge(await client.post('/letters', { json: { text: 'x'.repeat(80_000) }, headers, chunked: true }))
    const all = await titles(client, { headers })
    expect('no refused show is in the guide', !all.includes(title), { actual: all.slice(-3) })
    note('exactly 65,536 bytes, and a charset beside the type')
    const text = 'x'.repeat(65_536 - '{"text":""}'.length)
    const fits = await client.post('/letters', { body: JSON.stringify({ text }), headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } })
    fits.satisfies('a letter of 65,536 bytes is taken', () => done.includes(fits.status), () => fits.status)
    const kept = await client.get(pathOf(fits), { headers })
    kept.satisfies('all of it comes back', () => kept.json<{ text?: unknown } | null>()?.text === text, () => `${kept.bytes.length} bytes`)
  })
}
