import { check, isRefusedAsTooLarge, rawJson, rawRequest } from '../harness/lab.ts'
import type { Reply } from '../harness/lab.ts'
import { bearer, call, enter, join, knockAt, newRoom, peersOf, refused, signal, signals } from './members.ts'

/** What is refused: too much, and what cannot be understood. */
export function refusals(): void {
  check('413', 'A body of more than 64 KiB gets 413', {
    hints: [
      'An offer has about half a kilobyte. Without a limit, a stranger can fill the memory of the machine that everyone meets at.',
      'See “Bad input”. Is the status right and the error not JSON? Express answers its parser\'s errors as HTML, unless a handler with four parameters comes after all routes.',
      'Refuse a body of more than 65,536 bytes with 413 and a JSON error. What is the default of your parser?',
    ],
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    const most = 'x'.repeat(65_536 - '{"data":""}'.length)
    for (const chunked of [false, true]) {
      const reply = await client.post(`${ada.path}/signals`, { json: { data: `${most}x` }, chunked, ...bearer(ben.token) })
      isRefusedAsTooLarge(reply)
      const joining = await client.post(peersOf(room), { json: { name: `${most}x` }, chunked })
      isRefusedAsTooLarge(joining)
    }
    const letters = await client.post(`${ada.path}/signals`, { json: { data: 'é'.repeat(33_000) }, ...bearer(ben.token) })
    isRefusedAsTooLarge(letters)
    note('exactly 65,536 bytes')
    await signal(client, ben, ada, most)
    const [data] = await signals(tools, ada.inbox, 1)
    expect('only the signal within the limit was carried', data === most, { expected: `${most.length} letters`, actual: String(data).slice(0, 40) })
  })

  check('bad-input', 'What cannot be understood is refused with a JSON error, and the meeting point goes on', {
    hints: [
      'Each refusal says what was wrong: no such place (404), not JSON (415, 400), JSON but not what is asked for (422).',
      'See “Bad input” and its table.',
      'The failure names the request and the status it should get. Express answers errors as HTML unless you add a handler after all routes.',
    ],
    withinMs: 8_000,
  }, async ({ client, expect, fail, note, random, sleep }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    note('two clients break off in the middle of a body')
    for (const path of [peersOf(room), `${ada.path}/signals`]) {
      const line = await client.connect()
      await line.send(rawJson('POST', path, '{"name":"eve","data":"half"}', bearer(ada.token).headers).slice(0, -8))
      await sleep(30)
      line.reset()
    }
    const json = { 'content-type': 'application/json' }
    const to = `${ada.path}/signals`
    const nobodysInbox = `${peersOf(room)}/${random.word()}/inbox?token=${encodeURIComponent(ada.token)}`
    const attempts: [string, () => Promise<Reply>, number[]][] = [
      ['a name as text/plain', () => client.post(peersOf(room), { body: '{"name":"eve"}', headers: { 'content-type': 'text/plain' } }), [415]],
      ['half an object', () => client.post(peersOf(room), { body: '{"name":', headers: json }), [400]],
      ['an empty body', () => client.post(peersOf(room), { body: '', headers: json }), [400, 422]],
      ['no name', () => client.post(peersOf(room), { json: {} }), [422]],
      ['an empty name', () => client.post(peersOf(room), { json: { name: '' } }), [422]],
      ['a number as a name', () => client.post(peersOf(room), { json: { name: random.integer(2, 99) } }), [422]],
      ['a list as a name', () => client.post(peersOf(room), { json: { name: ['eve'] } }), [422]],
      ['a list', () => client.post(peersOf(room), { json: ['ada'] }), [400, 422]],
      ['null', () => client.post(peersOf(room), { json: null }), [400, 422]],
      ['a signal without data', () => client.post(to, { json: {}, ...bearer(ada.token) }), [422]],
      ['a signal as text/plain', () => client.post(to, { body: '{"data":1}', headers: { 'content-type': 'text/plain', authorization: `Bearer ${ada.token}` } }), [415]],
      ['a signal that is not JSON', () => client.post(to, { body: '{', headers: { ...json, authorization: `Bearer ${ada.token}` } }), [400]],
      ['a peer that is not there', () => client.post(`${peersOf(room)}/${random.word()}/signals`, { json: { data: 1 }, ...bearer(ada.token) }), [404]],
      ['the inbox of a peer that is not there', () => knockAt({ client, fail }, nobodysInbox), [401, 403, 404]],
      ['leaving of a peer that is not there', () => client.delete(`${peersOf(room)}/${random.word()}`, bearer(ada.token)), [401, 403, 404]],
      ['leaving at a path that is not there', () => client.delete(`${ada.path}/${random.word()}`, bearer(ada.token)), [404, 405]],
      ['a signal to a path that is not there', () => client.post(`${ada.path}/${random.word()}`, { json: { data: 1 }, ...bearer(ada.token) }), [404, 405]],
      ['a path that is not there', () => client.get(`/${random.word()}`), [404]],
    ]
    for (const [what, attempt, statuses] of attempts) await refused(what, attempt, statuses)
    const badlyEscaped = [
      rawJson('POST', '/rooms/%zz/peers', '{"name":"eve"}'),
      rawRequest('GET', `${peersOf(room)}/%zz/inbox?token=${encodeURIComponent(ada.token)}`),
    ]
    for (const request of badlyEscaped) {
      const raw = await client.connect()
      await raw.send(request)
      const badEscape = await raw.reply()
      badEscape.satisfies('a bad escape in the path gets 4xx', ({ status }) => status >= 400 && status < 500, ({ status }) => status)
    }
    note('a body without a Content-Type')
    const untyped = await client.connect()
    const eve = '{"name":"eve"}'
    await untyped.send(rawRequest('POST', peersOf(room), { 'Content-Length': String(eve.length) }, eve))
    const reply = await untyped.reply()
    reply.hasStatus(415).hasJsonError()
    const ben = await join(tools, room, call(tools, 'ben'))
    expect('nobody came in by mistake', ben.peers.length === 1 && ben.peers[0]?.id === ada.id, { expected: [ada.id], actual: ben.peers })
    const typed = await client.post(to, {
      body: '{"data":"still there"}', headers: { 'content-type': 'Application/JSON; charset=UTF-8', ...bearer(ben.token).headers },
    })
    typed.hasStatus(202)
    await signals(tools, ada.inbox, 1)
  })
}
