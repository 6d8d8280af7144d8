import { isDeepStrictEqual } from 'node:util'
import { check, rawJson } from '../harness/lab.ts'
import { bearer, call, enter, newRoom, next, signal, signals, texts } from './members.ts'

/** What is posted to one comes out there, whole, in order, and with its sender’s name. */
export function carrying(): void {
  check('introduces', 'Two real WebRTC peers find each other through the meeting point and talk', {
    hints: [
      'The newcomer sends an offer to those who were there; their answer and both sides\' candidates travel back and forth the same way.',
      'See “What the two have to tell each other”.',
      'Follow the trace: which signal did not come out of the other\'s inbox? Was one answered 404? The answer goes to what `from` says: is that an id, or a name? Signals go from old to new peers as well.',
    ],
    playsPeers: true,
    withinMs: 8_000,
  }, async ({ client, expect, peer }) => {
    const where = { signalUrl: client.origin, room: newRoom() }
    await peer({ ...where, name: 'ada' })
    const ben = await peer({ ...where, name: 'ben' })
    const link = await ben.link('ada', { withinMs: 4_000 })
    const answer = await link.ask('/about')
    expect('ada answers over the data channel', answer.status === 200 && Buffer.from(answer.body).toString().includes('ada'), {
      expected: '{"name":"ada"}', actual: Buffer.from(answer.body).toString(),
    })
  })

  check('from-is-set-by-server', '`from` is the one whose token it was, whatever the sender claims', {
    hints: [
      'Nobody can check a name that a stranger writes on an envelope himself. The token proves who posted; only the server sees it.',
      'See “Who says so?”.',
      'Take the sender from the token alone. What else the body holds beside `data` is not for the receiver.',
    ],
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    const eve = await enter(tools, room, call(tools, 'eve'))
    const reply = await client.post(`${ada.path}/signals`, {
      json: { data: { from: ben.id, type: 'offer' }, from: ben.id, sender: ben.id }, ...bearer(eve.token),
    })
    reply.hasStatus(202)
    const { data } = await next(tools, ada.inbox, 'signal')
    expect(`ada is told that ${eve.is} posted it, not ${ben.is}`, data.from === eve.id, { expected: eve.id, actual: data.from })
    expect('no other member of the body is carried', data.sender === undefined, { expected: 'from and data', actual: data })
    expect('no token is told with it', !texts(data).includes(eve.token), { expected: 'from and data', actual: data })
  })

  check('reaches-one', 'A signal reaches the peer it was posted to, and nobody else', {
    hints: [
      'An offer is for one partner. A third who answers it too spoils the connection of the two.',
      'See “Carrying a signal”.',
      'The path names the receiver: deliver to that peer alone.',
    ],
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    const cleo = await enter(tools, room, call(tools, 'cleo'))
    await signal(client, cleo, ada, 'for ada')
    await signal(client, cleo, ben, 'for ben')
    await signal(client, ben, cleo, 'for cleo')
    for (const { inbox, is } of [{ ...ada, is: 'for ada' }, { ...ben, is: 'for ben' }, { ...cleo, is: 'for cleo' }]) {
      const [data] = await signals(tools, inbox, 1)
      expect(`the first signal in this inbox is the one "${is}"`, data === is, { expected: is, actual: data })
    }
  })

  check('blobs-byte-exact', 'What is carried comes out as the same JSON value, strings exact, whatever it is', {
    hints: [
      'The meeting point is a postman. What it does not look into, it cannot break, and it serves protocols that nobody has thought of yet.',
      'See “A closed envelope”.',
      'Keep `data` as the value that was parsed, and write it back as JSON. Is a value of `null`, `""`, `0` or `false` still there?',
    ],
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    const values = [
      { type: 'offer', id: 1, from: '', sdp: 'v=0\r\na=candidate:1 1 tcp 1 127.0.0.1 9 typ relay\r\n \n', extra: [1, { deep: null }] },
      { type: 'candidate', candidate: { candidate: '', sdpMLineIndex: 0, sdpMid: '0', more: true } },
      'lines\nand\n\nevent: left\ndata: {}\r\n', `Ñandú, n\u0303, 港, 🎧, \u2028, "quoted" \\ ${random.word()}`,
      '', '', null, 0, false, 1.5, [], {}, [[], ''], 'x'.repeat(60_000),
    ]
    for (const value of values) await signal(client, ben, ada, value)
    const came = await signals(tools, ada.inbox, values.length)
    for (const [index, value] of values.entries()) {
      // The order of an object's members is no part of its value.
      const isSame = isDeepStrictEqual(came[index], value)
      expect(`signal ${index + 1} of ${values.length} is the same value`, isSame, { expected: value, actual: came[index] })
    }
    const slow = `é 港 🎧 ${random.word()}`
    const [head = '', body = ''] = rawJson('POST', `${ada.path}/signals`, JSON.stringify({ data: slow }), bearer(ben.token).headers).split('\r\n\r\n')
    note('a body that comes byte by byte, letters of several bytes in it')
    const line = await client.connect()
    await line.send(`${head}\r\n\r\n`)
    await line.sendSlowly(body, 2)
    const reply = await line.reply()
    reply.hasStatus(202)
    const [whole] = await signals(tools, ada.inbox, 1)
    expect('its letters come out whole', whole === slow, { expected: slow, actual: whole })
  })

  check('order', 'Signals come out in the order in which they were posted', {
    hints: [
      'A candidate that overtakes its offer belongs to nothing. Each inbox is a queue: first in, first out.',
      'See “The inbox”.',
      'Deliver before you answer 202, and do nothing in between that large signals wait longer for than small ones.',
    ],
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    const sent = Array.from({ length: 20 }, (_, index) => `${index} ${'.'.repeat(index % 2 === 0 ? 20_000 : 1)}`)
    for (const data of sent) await signal(client, ben, ada, data)
    const numbers = (await signals(tools, ada.inbox, sent.length)).map((data) => Number.parseInt(String(data), 10))
    expect('they come in the order they were posted', numbers.every((number, index) => number === index), {
      expected: sent.map((_, index) => index), actual: numbers,
    })
  })
}
