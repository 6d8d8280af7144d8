import { check, chunk, isRefusedAsTooLarge, LAST_CHUNK, rawJson, rawRequest } from '../harness/lab.ts'
import { goesOn, guide, inChunks, isAsBefore, jsonType, newShow, pathOf, replyUnlessClosed, taken } from './shows.ts'
import type { Show } from './shows.ts'

/** What is refused, up to the very limit of what is taken. */
export function refusals(): void {
  check('415', 'A body that is not JSON by its Content-Type gets 415; a charset beside the type does no harm', {
    hints: [
      'The sender says what its bytes are. A server that reads them as something else guesses, and sometimes guesses wrong.',
      'See “Which refusal?”, the row of 415.',
      'Compare the media type, in front of any semicolon and in any letter case, before you read the body. A missing type is refused, too.',
    ],
  }, async (context) => {
    const { client, random, note } = context
    const before = await guide(client)
    const body = JSON.stringify(newShow(random))
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'application/jsonp']) {
      const reply = await client.post('/shows', { body, headers: { 'content-type': type } })
      reply.hasStatus(415).hasJsonError()
    }
    note('the same without a Content-Type')
    for (const request of [
      rawRequest('POST', '/shows', { 'Content-Length': String(body.length) }, body),
      rawRequest('POST', '/shows', { 'Transfer-Encoding': 'chunked' }, chunk(body) + LAST_CHUNK),
    ]) {
      const connection = await client.connect()
      await connection.send(request)
      const untyped = await connection.reply()
      untyped.hasStatus(415).hasJsonError()
      await goesOn(connection, untyped)
    }
    await isAsBefore(context, before)
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
    const before = await guide(client)
    const { title } = newShow(random)
    const bodies = [`{"title": "${title}", "minutes": 30`, `{"title": "${title}", "minutes": 30,}`, `{'title': '${title}', 'minutes': 30}`, title, `{"title": "${title}", "minutes": 30} 7`]
    for (const body of bodies) {
      const reply = await client.post('/shows', { body, headers: jsonType })
      reply.hasStatus(400).hasJsonError()
    }
    const empty = await client.post('/shows', { body: '', headers: { ...jsonType, 'content-length': '0' } })
    empty.hasStatus([400, 422]).hasJsonError()
    await isAsBefore(context, before)
  })

  check('422', 'Well-formed JSON that is not a show gets 422, and the guide stays as it was', {
    hints: [
      'What comes over the wire is anything. The type in your source says what you hope for; nobody but your program looks at what came.',
      'See “Which refusal?”, the row of 422, and “Trust no field”.',
      'The story names the body that was judged wrongly. In turn: an object? the title’s type and length? the minutes’ type and range? 400 for a text or null: `express.json()` takes only objects and lists unless told `strict: false`.',
    ],
  }, async (context) => {
    const { client, random, note } = context
    const before = await guide(client)
    const like = newShow(random)
    for (const [what, bad] of badShows(like)) {
      note(what)
      const reply = await client.post('/shows', { body: JSON.stringify(bad), headers: jsonType })
      reply.hasStatus(422).hasJsonError()
    }
    await isAsBefore(context, before)
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
      const kept = (await client.get(pathOf(reply))).json<Show | null>()
      expect('it is kept as it was sent', kept?.title === text && kept.minutes === Number(minutes), {
        expected: { title: text, minutes: Number(minutes) }, actual: kept,
      })
    }
  })

  check('413', 'A body over 64 KiB gets 413, with or without a Content-Length; a smaller one is read', {
    hints: [
      'One limit holds for every body, however it comes: with its length announced or in chunks without. Below it a body is read; above it is refused, with an answer, and nothing is kept.',
      'See “Which refusal?”, the row of 413 and what follows on chunks; “The last handlers” for a parser’s error.',
      'The limit is 65,536 bytes, and a framework’s own default may differ. Count what arrives; when it is too much, answer 413 as JSON before you close.',
    ],
  }, async (context) => {
    const { client, random, note } = context
    const [small, large] = [newShow(random), newShow(random)]
    for (const chunked of [false, true]) {
      const fits = await client.post('/shows', { body: JSON.stringify(small).padEnd(65_536), headers: jsonType, chunked })
      fits.hasStatus(taken)
    }
    const before = await guide(client)
    const body = JSON.stringify(large).padEnd(65_537)
    isRefusedAsTooLarge(await client.post('/shows', { body, headers: jsonType }))
    isRefusedAsTooLarge(await client.post('/shows', { body, headers: jsonType, chunked: true }))
    note('fewer than 65,536 characters, but more bytes')
    isRefusedAsTooLarge(await client.post('/shows', { json: { ...large, note: '港'.repeat(40_000) } }))
    for (const upload of [
      rawJson('POST', '/shows', body),
      rawRequest('POST', '/shows', inChunks, chunk(body) + LAST_CHUNK),
    ]) {
      const connection = await client.connect()
      await connection.send(upload)
      const refused = await replyUnlessClosed(connection)
      if (refused !== undefined) await goesOn(connection, refused)
    }
    await isAsBefore(context, before)
  })
}

/** What is well-formed and yet no show; each is wrong in one point. */
function badShows({ title }: Omit<Show, 'id'>): [string, unknown][] {
  return [
    ['an array', []], ['a list of shows', [{ title, minutes: 30 }]], ['a text', title], ['a number', 30], ['null', null], ['true', true], ['false', false],
    ['no title', { minutes: 30 }], ['an empty title', { title: '', minutes: 30 }], ['a number as the title', { title: 7, minutes: 30 }],
    ['null as the title', { title: null, minutes: 30 }], ['true as the title', { title: true, minutes: 30 }], ['an object as the title', { title: { title }, minutes: 30 }], ['a list as the title', { title: [title], minutes: 30 }],
    ['a title of 201 letters', { title: 'x'.repeat(201), minutes: 30 }],
    ['no minutes', { title }], ['0 minutes', { title, minutes: 0 }], ['-5 minutes', { title, minutes: -5 }],
    ['1441 minutes', { title, minutes: 1441 }], ['1.5 minutes', { title, minutes: 1.5 }], ['minutes as a text', { title, minutes: '30' }],
    ['true as the minutes', { title, minutes: true }], ['null as the minutes', { title, minutes: null }],
    ['a list as the minutes', { title, minutes: [30] }], ['an object as the minutes', { title, minutes: { minutes: 30 } }],
  ]
}
