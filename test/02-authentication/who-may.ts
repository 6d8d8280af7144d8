import { check, rawJson } from '../harness/lab.ts'
import type { CheckContext, Client, Reply } from '../harness/lab.ts'
import { bearer, CHALLENGE, done, enter, enterPresenter, HASHING_MS, isId, newcomer, newShow, pathOf, PRESENTERS, privateRequests, register, shutsOut, signIn, titles, writeLetter } from './people.ts'

/** Who may do what: nobody, anybody, the author, presenters. */
export function whoMay(): void {
  check('401-challenge', 'Whoever does not say who it is gets 401 with WWW-Authenticate: Bearer, wherever a sender is needed', {
    hints: [
      '401 means “I do not know who you are”, and it must say how to tell: that is what WWW-Authenticate is for.',
      'See “401 asks, 403 refuses”.',
      'Put one handler in front of every route that needs a sender, and before the body is read. No header, a header without a token and a token nobody has get the same: 401, WWW-Authenticate, an error in JSON.',
    ],
  }, async ({ client, random, note }) => {
    const strangers: [string, Record<string, string>][] = [
      ['nothing', {}], ['a token that nobody was given', bearer(random.word().repeat(6)).headers],
      ['the word Bearer and no token', { authorization: 'Bearer' }], ['an empty header', { authorization: '' }],
      ['another scheme than Bearer', { authorization: `Basic ${random.word()}` }],
    ]
    for (const [what, headers] of strangers) {
      for (const [request, send] of privateRequests(client, random, headers)) {
        note(`${request} with ${what}`)
        const reply = await send()
        isChallenged(reply)
      }
    }
    const bodies: [string, Parameters<Client['post']>[1]][] = [
      ['of another type', { body: 'text=x', headers: { 'content-type': 'text/plain' } }],
      ['that is half a JSON', { body: '{"text":"x', headers: { 'content-type': 'application/json' } }], ['without any member', { json: {} }],
      ['of more than 64 KiB', { json: { text: 'x'.repeat(70_000) } }],
    ]
    for (const [what, body] of bodies) {
      for (const path of ['/letters', '/shows']) {
        note(`POST ${path} with nothing, and with a body ${what}: who asks comes first`)
        isChallenged(await client.post(path, body))
      }
    }
  })

  check('403-not-401', 'A listener who adds a show gets 403, a presenter 201', {
    hints: [
      '403 means “I know who you are, and you may not”. Signing in again would not help, so the answer must not ask for it.',
      'See “401 asks, 403 refuses”.',
      'First who it is, then what the role allows. Refuse before the show is kept; a presenter’s show is in the guide afterwards.',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client, random, expect } = context
    const [ada, presenter] = await Promise.all([enter(context, 'ada'), enterPresenter(context, PRESENTERS[0]!)])
    const [wish, show] = [newShow(random), newShow(random)]
    const refused = await client.post('/shows', { json: wish, ...bearer(ada.token) })
    refused.hasStatus(403).hasJsonError()
    const made = await client.post('/shows', { json: show, ...bearer(presenter.token) })
    const answer = made.hasStatus(201).json<{ id?: unknown; title?: unknown; minutes?: unknown } | null>()
    const isShow = answer?.title === show.title && answer.minutes === show.minutes && isId(answer.id)
    expect('the answer is the show, with an id', isShow, { expected: { id: '…', ...show }, actual: answer })
    const all = await titles(client, bearer(presenter.token))
    expect('the presenter’s show is in the guide', all.includes(show.title), { expected: show.title, actual: all.slice(-3) })
    expect('the listener’s is not', !all.includes(wish.title), { actual: all.slice(-3) })
  })

  check('public-stays-public', 'The guide, an account and a sign-in need no sender, and neither does a path that is not there', {
    hints: [
      'The programme is for everybody, also for those who will never have an account. A door belongs before what must be guarded, and nowhere else.',
      'See “One door, in front of what needs it”.',
      'Does the handler that asks for a token stand before all routes? Put it in front of the private ones only. A client whose session has ended may still send its old token when it signs in anew.',
    ],
  }, async ({ client, random, note }) => {
    await titles(client)
    const [ada, old] = [newcomer(random, 'ada'), bearer(random.word().repeat(6))]
    for (const [what, path] of [['an account', '/accounts'], ['a sign-in', '/sessions']] as const) {
      note(`${what}, with a token that is no longer good`)
      await client.post(path, { json: ada, ...old }).then((reply) => reply.hasStatus(done))
    }
    note('a path that is not there')
    const reply = await client.get(`/${random.word()}`)
    reply.hasStatus(404).hasJsonError()
  })

  check('letters-private', 'A letter is read by its author and by presenters: 403 for another listener, 401 for nobody', {
    hints: [
      'A long random id keeps nobody out: it stands in addresses, logs and histories. Each time, the question is who asks.',
      'See “Signed in is not allowed”.',
      'Keep the author with the letter, taken from the session. When it is read, compare the whole name: the author, or a presenter, or 403. Keep letters in a `Map`, each text as it came.',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client, random, expect, note } = context
    const [ada, ben, presenter, colleague] = await Promise.all([
      enter(context, 'ada'), enter(context, 'ben'), enterPresenter(context, PRESENTERS[1]!), enterPresenter(context, PRESENTERS[3]!),
    ])
    const namesakes = [ada.name.slice(0, -1), ada.name.toUpperCase(), `${ada.name} `]
    const others = await Promise.all(namesakes.map(async (name) => {
      const credentials = { name, password: ben.password }
      await register(client, credentials)
      return signIn(context, credentials)
    }))
    // What trims, normalises or escapes returns another text.
    const text = ` Dear <b>Harbour</b> & Radio, ${random.word()}, ñn\u0303港 🎧\r\n— "ada"\n`
    const written = await client.post('/letters', { json: { text, author: ben.name, name: ben.name, from: ben.name }, ...bearer(ada.token) })
    written.satisfies('a letter is taken with 201', ({ status }) => status === 201, ({ status }) => status)
    const path = pathOf(written)
    for (const reader of [ada, presenter]) {
      const reply = await client.get(path, bearer(reader.token))
      const read = reply.hasStatus(200).hasContentType('application/json').json<{ text?: unknown } | null>()
      expect(`${reader.name} reads what ada has written`, read?.text === text, { expected: text, actual: read })
    }
    for (const { name, token } of [ben, ...others]) {
      note(`${name} is not ${ada.name}`)
      const other = await client.get(path, bearer(token))
      other.hasStatus(403).hasJsonError()
    }
    shutsOut('whoever has not signed in', await client.get(path))
    note('a letter of the presenter is not for listeners either, but for the other presenter')
    const fromAbove = await writeLetter(client, presenter, text)
    await client.get(fromAbove, bearer(ada.token)).then((reply) => reply.hasStatus(403).hasJsonError())
    await client.get(fromAbove, bearer(colleague.token)).then((reply) => reply.hasStatus(200))
    for (const id of [random.word(), 'constructor', '__proto__']) {
      for (const { name, token } of [ada, presenter]) {
        note(`"${id}" is no letter, for ${name} neither`)
        const missing = await client.get(`/letters/${id}`, bearer(token))
        missing.hasStatus([403, 404]).hasJsonError()
      }
    }
    await inPieces(context, ada.token)
  })
}

/** A letter whose first packets end inside a character. */
async function inPieces({ client, random, expect, note, sleep }: CheckContext, token: string): Promise<void> {
  const text = `港${random.word()}ñ`
  const request = Buffer.from(rawJson('POST', '/letters', JSON.stringify({ text }), { Authorization: `Bearer ${token}` }))
  const middle = request.indexOf('港') + 1
  note('a letter comes in three packets, and the first character is in all of them')
  const connection = await client.connect()
  for (const piece of [request.subarray(0, middle), request.subarray(middle, middle + 1), request.subarray(middle + 1)]) {
    await connection.send(piece)
    await sleep(40)
  }
  const path = pathOf(await connection.reply())
  const read = await client.get(path, bearer(token)).then((reply) => reply.hasStatus(200).json<{ text?: unknown } | null>())
  expect('it comes back as it was sent', read?.text === text, { expected: text, actual: read })
}

function isChallenged(reply: Reply): void {
  reply.hasStatus(401).hasHeader('WWW-Authenticate', CHALLENGE).hasJsonError()
}
