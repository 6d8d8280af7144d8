import { createHash, createHmac } from 'node:crypto'
import { check, isRefusedAsTooLarge, lab } from './harness/lab.ts'
import type { CheckContext, Client, Reply } from './harness/lab.ts'

/** One presenter a check, so that no two of them sign one name in at the same time. */
const PRESENTERS = ['ines', 'jonas', 'mira']
/** A copy with sessions that end while a check waits, and other presenters. */
const BRIEF = { name: 'brief', env: { SESSION_TTL_MS: '400', PRESENTERS: 'olga,piet' } }
const BRIEF_MS = 400
const HOUR_MS = 3_600_000

lab({ title: 'Who is asking?', program: 'server', env: { PRESENTERS: PRESENTERS.join(',') }, copies: 1 })

interface Credentials {
  name: string
  password: string
}

/** Somebody who has signed in. */
interface Person extends Credentials {
  token: string
}

type Tools = Pick<CheckContext, 'client' | 'expect' | 'random'>
type Random = CheckContext['random']

/** Several hashes in a row take their time, and more where other programs compute as well. */
const HASHING_MS = 15_000
/** The exact status is a matter of `creates-account` and `sign-in` alone; other checks need to know that it went well. */
const done = [200, 201]
/** What a header can carry without a word from the HTTP library. */
const SENDABLE = /^[\x21-\x7e]+$/

const bearer = (token: string): { headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${token}` } })
const newcomer = (random: Random, who: string): Credentials => ({ name: `${who}-${random.word()}`, password: `${random.word()} ${random.word()}` })
const newShow = (random: Random): { title: string; minutes: number } => ({ title: `${random.word()} ${random.word()}`, minutes: random.integer(2, 1439) })

/** Makes an account, which must be new. */
async function register(client: Client, who: Credentials): Promise<Reply> {
  const reply = await client.post('/accounts', { json: who })
  return reply.hasStatus(done)
}

function knock(client: Client, who: Credentials): Promise<Reply> {
  return client.post('/sessions', { json: who })
}

/** Signs in, which must succeed. */
async function signIn({ client, expect }: Omit<Tools, 'random'>, { name, password }: Credentials): Promise<Person> {
  const reply = await knock(client, { name, password })
  const token = reply.hasStatus(done).json<Person | null>()?.token
  const isSendable = typeof token === 'string' && SENDABLE.test(token)
  expect('the token is a text that a header can carry', isSendable, { expected: 'letters, digits and - . _ ~ + / =', actual: token })
  return { name, password, token: String(token) }
}

/** Makes an account and signs in. */
async function enter(tools: Tools, who: string): Promise<Person> {
  const credentials = newcomer(tools.random, who)
  await register(tools.client, credentials)
  return signIn(tools, credentials)
}

/** A presenter of this run. At somebody's running server the account may be there since an earlier run: its password never changes. */
async function enterPresenter(context: CheckContext, name: string): Promise<Person> {
  const { client, expect, skip } = context
  const credentials = { name, password: `the password of ${name}` }
  const reply = await client.post('/accounts', { json: credentials })
  reply.hasStatus([...done, 409])
  const person = await signIn({ client, expect }, credentials)
  const { role } = await whoIs(client, person.token)
  if (role !== 'presenter' && isRemote(context)) skip(`That server was not started with PRESENTERS=${PRESENTERS.join(',')}.`)
  expect(`${name}, whom PRESENTERS names, is a presenter`, role === 'presenter', { expected: 'presenter', actual: role })
  return person
}

/** True where the program is somebody's running server, whose environment nobody here has set. */
function isRemote(context: Pick<CheckContext, 'program'>): boolean {
  try {
    return context.program.pid === 0
  } catch {
    return true
  }
}

/** Whom the server takes the bearer of this token for. */
async function whoIs(client: Client, token: string): Promise<{ name?: unknown; role?: unknown }> {
  const reply = await client.get('/me', bearer(token))
  return reply.hasStatus(200).json<object | null>() ?? {}
}

/** Writes a letter and returns its path. */
async function writeLetter(client: Client, { token }: Person, text: string): Promise<string> {
  const reply = await client.post('/letters', { json: { text }, ...bearer(token) })
  return pathOf(reply)
}

function pathOf(reply: Reply): string {
  const id = reply.hasStatus(done).json<{ id?: unknown } | null>()?.id
  reply.satisfies('the answer has the letter’s id', () => (typeof id === 'string' && id !== '') || typeof id === 'number', () => reply.text)
  return `/letters/${encodeURIComponent(String(id))}`
}

/** Every request that needs a sender, as somebody makes it. */
function privateRequests(client: Client, random: Random, headers: Record<string, string>): [what: string, send: () => Promise<Reply>][] {
  return [
    ['GET /me', () => client.get('/me', { headers })],
    ['POST /shows', () => client.post('/shows', { json: newShow(random), headers })],
    ['POST /letters', () => client.post('/letters', { json: { text: random.word() }, headers })],
    ['GET /letters/…', () => client.get(`/letters/${random.word()}`, { headers })],
    ['DELETE /sessions/current', () => client.delete('/sessions/current', { headers })],
  ]
}

/** Which of the two it has to be is the matter of `401-challenge`; other checks need to know that nobody got in. */
function isShutOut({ status }: Reply): boolean {
  return status === 401 || status === 403
}

function shutsOut(what: string, reply: Reply): void {
  reply.satisfies(`${what} gets 401`, isShutOut, ({ status, text }) => `${status}, ${text.slice(0, 100)}`)
}

/** The titles in the guide, as somebody reads it who has signed in or not. */
async function titles(client: Client, { headers }: { headers: Record<string, string> } = { headers: {} }): Promise<unknown[]> {
  const reply = await client.get('/shows', { headers })
  const shows = reply.hasStatus(200).hasContentType('application/json').json()
  reply.satisfies('the guide is an array of objects', () => Array.isArray(shows) && shows.every((show) => Object(show) === show))
  return (shows as { title: unknown }[]).map(({ title }) => title)
}

check('creates-account', 'POST /accounts answers 201 with the name and the role, and nothing of the password', {
  hints: [
    'The server decides what somebody may do. A role that comes with the request is a wish, and a password that goes out again is a leak.',
    'See “An account, and what is kept of the password”.',
    'Answer 201 with `{name, role}` and no more. The role is `listener` unless PRESENTERS names this name, whatever the body says.',
  ],
}, async ({ client, random, expect }) => {
  const ada = newcomer(random, 'ada')
  const reply = await client.post('/accounts', { json: ada })
  const account = reply.hasStatus(201).hasContentType('application/json').json<{ name?: unknown; role?: unknown } | null>()
  expect('it is a listener of that name', account?.name === ada.name && account.role === 'listener', {
    expected: { name: ada.name, role: 'listener' }, actual: account,
  })
  expect('the password is not in the answer', !reply.text.includes(ada.password), { actual: reply.text })
  const eve = newcomer(random, 'eve')
  // A server may refuse the extra member, or pass over it: but it must never take the role.
  const wish = await client.post('/accounts', { json: { ...eve, role: 'presenter', isPresenter: true } })
  wish.hasStatus([...done, 422])
  if (wish.status === 422) return
  const role = wish.json<{ role?: unknown } | null>()?.role
  expect('a role in the body is not taken', role === 'listener', { expected: 'listener', actual: role })
})

check('presenters', 'PRESENTERS names the presenters, each name exactly; everybody else is a listener', {
  hints: [
    'The same program runs at many stations. Who presents there is for whoever starts it to say, in its environment.',
    'See “Signed in is not allowed”.',
    'Split the variable at its commas and compare whole names: `ine` is part of the text, and no presenter.',
  ],
  withinMs: HASHING_MS,
}, async ({ copy, random, expect }) => {
  const { client } = await copy(BRIEF)
  const expected = { olga: 'presenter', piet: 'presenter', olg: 'listener', Olga: 'listener', [PRESENTERS[0]!]: 'listener' }
  await Promise.all(Object.entries(expected).map(async ([name, role]) => {
    const reply = await register(client, { name, password: `${random.word()} ${random.word()}` })
    const actual = reply.json<{ role?: unknown } | null>()?.role
    expect(`where PRESENTERS is ${BRIEF.env.PRESENTERS}, "${name}" is a ${role}`, actual === role, { expected: role, actual })
  }))
})

check('bad-account', 'A password under 8 characters, or no name, gets 422, and leaves no account', {
  hints: [
    'A short password is guessed whatever you do with it later. Characters are counted here, as people count them: ñ is one.',
    'See “An account, and what is kept of the password”.',
    'The story names the body. In turn: is the name a text that is not empty, is the password a text, has it 8 characters? Refuse before anything is kept, in words without the password.',
  ],
}, async ({ client, random, note }) => {
  const { name, password } = newcomer(random, 'ada')
  const bad: [string, unknown][] = [
    ['a password of 7 signs', { name, password: `x${random.integer(10_000, 99_999)}#` }], ['a password of 7 times ñ, which are 14 bytes', { name, password: 'ñ'.repeat(7) }],
    ['no password', { name }], ['a number as the password', { name, password: 12_345_678 }], ['a list as the password', { name, password: [...password] }],
    ['an empty password', { name, password: '' }], ['no name', { password }], ['an empty name', { name: '', password }],
    ['a number as the name', { name: 7, password }], ['null as the name', { name: null, password }], ['null', null],
  ]
  for (const [what, json] of bad) {
    note(what)
    const reply = await client.post('/accounts', { json })
    reply.hasStatus(json === null ? [400, 422] : 422).hasJsonError()
    keepsQuiet(reply, json)
  }
  note('8 characters are enough, and the name is still free')
  await register(client, { name, password: 'ñ'.repeat(8) })
})

/** No answer holds the password, errors included. */
function keepsQuiet(reply: Reply, json: unknown): void {
  const { password } = (json ?? {}) as { password?: unknown }
  if (typeof password !== 'string' || password === '') return
  reply.satisfies('the password is not in the answer', ({ text }) => !text.includes(password), ({ text }) => text)
}

check('name-taken', 'A name that is taken gets 409, also at the same moment, and who has it keeps it', {
  hints: [
    'Two people ask for one name. While the first password is being hashed, the second request runs: what it looked up before the wait may be untrue after it.',
    'See “An account, and what is kept of the password”, on the wait in the middle.',
    'Ask whether the name is free after the hash is there, and take it in the same breath, with no `await` between. A taken account is left as it is.',
  ],
  withinMs: HASHING_MS,
}, async ({ client, random, expect }) => {
  const ada = newcomer(random, 'ada')
  const password = (): string => newcomer(random, 'ada').password
  const rush = Array.from({ length: 3 }, () => ({ name: ada.name, password: password() }))
  const replies = await Promise.all(rush.map((json) => client.post('/accounts', { json })))
  const statuses = replies.map(({ status }) => status)
  const won = statuses.filter((status) => done.includes(status)).length
  const lost = statuses.filter((status) => status === 409).length
  expect('of three at once, one gets the name', won === 1 && lost === 2, { expected: 'one 201, two 409', actual: statuses.join(', ') })
  const again = { name: ada.name, password: password() }
  const late = await client.post('/accounts', { json: again })
  late.hasStatus(409).hasJsonError()
  keepsQuiet(late, again)
  const winner = rush[statuses.findIndex((status) => done.includes(status))]!
  await signIn({ client, expect }, winner)
})

check('any-text-is-a-name', 'Any text is a name, and is compared exactly: `constructor`, letters of every script, blanks', {
  hints: [
    'A JavaScript object has members that nobody put there: `constructor`, `__proto__`. Whoever looks names up in it finds accounts that nobody made.',
    'See “An account, and what is kept of the password”.',
    'Keep accounts, presenters and attempts in a `Map` or a `Set`, which hold what you put there and nothing else. Keep the name as it came: neither trimmed nor normalised. Does your token join parts with a sign that a name may contain?',
  ],
  withinMs: HASHING_MS,
}, async (context) => {
  const { client, random, expect } = context
  const composed = `Ñandú, 港: 🎧 ${random.word()}`
  const names = ['constructor', composed, composed.normalize('NFD'), ` ${composed} `]
  await Promise.all(names.map(async (name) => {
    const credentials = { name, password: `the password of ${name}` }
    const reply = await client.post('/accounts', { json: credentials })
    // At somebody's running server this one may be there since an earlier run; then its password tells.
    if (name !== 'constructor' || reply.status !== 409) reply.hasStatus(done)
    const { token } = await signIn(context, credentials)
    const { name: told, role } = await whoIs(client, token)
    expect(`the server knows "${name}" by this name`, told === name, { expected: name, actual: told })
    expect(`"${name}", whom PRESENTERS does not name, is a listener`, role === 'listener', { expected: 'listener', actual: role })
  }))
})

check('sign-in', 'POST /sessions answers 201 with a token and its end; GET /me tells whose token it is', {
  hints: [
    'Whoever knows the password gets something to show instead of it from now on. The server remembers whom it gave that to.',
    'See “A ticket for the next requests”.',
    'Check in turn: the status 201; the token; `expiresAt` as an ISO text or in milliseconds, an hour from now; what GET /me makes of the token.',
  ],
}, async ({ client, random, expect }) => {
  const ada = newcomer(random, 'ada')
  await register(client, ada)
  const reply = await knock(client, ada)
  reply.hasStatus(201).hasContentType('application/json')
  const { token, expiresAt } = reply.json<{ token?: unknown; expiresAt?: unknown } | null>() ?? {}
  expect('the token is a text', typeof token === 'string' && SENDABLE.test(token), { actual: reply.text })
  const leftMs = momentOf(expiresAt) - Date.now()
  // A classmate's clock may be some minutes off.
  expect('expiresAt is about an hour from now', Math.abs(leftMs - HOUR_MS) < 600_000, {
    expected: `"${new Date(Date.now() + HOUR_MS).toISOString()}", or ${Date.now() + HOUR_MS}`, actual: expiresAt,
  })
  const me = await client.get('/me', bearer(String(token)))
  const told = me.hasStatus(200).hasContentType('application/json').json<{ name?: unknown; role?: unknown } | null>()
  expect('GET /me tells the name and the role', told?.name === ada.name && told.role === 'listener', {
    expected: { name: ada.name, role: 'listener' }, actual: told,
  })
  const wrong = await knock(client, { ...ada, password: `${ada.password}.` })
  wrong.hasStatus(401).hasJsonError()
})

/** ISO text or milliseconds, as milliseconds; NaN for anything else. */
function momentOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN
}

check('whole-password', 'Every character of a password counts: case, blanks, and the hundredth as well', {
  hints: [
    'Somebody has chosen a long sentence, because it is hard to guess. What cuts it, trims it or folds its case makes many passwords into one.',
    'See “An account, and what is kept of the password”.',
    'Hash the password as it came. Some libraries read its first 72 bytes and no more: give those a digest of the whole.',
  ],
  withinMs: HASHING_MS,
}, async ({ client, random, expect }) => {
  const name = newcomer(random, 'ada').name
  const sentence = Array.from({ length: 16 }, () => random.word()).join(' ')
  const password = ` Ñ${sentence} `
  await register(client, { name, password })
  const others: [string, string][] = [
    ['without the blanks at both ends', password.trim()], ['in lower case', password.toLowerCase()],
    ['with another last letter', `${password.slice(0, -2)}# `],
  ]
  await Promise.all(others.map(async ([what, other]) => {
    const reply = await knock(client, { name, password: other })
    reply.satisfies(`the password ${what} is another one, and gets 401`, ({ status }) => status === 401, ({ status }) => status)
  }))
  await signIn({ client, expect }, { name, password })
  await oneForm({ client, expect, random })
})

/**
 * 200 characters that look alike in other forms of Unicode. At most three failures a name, here as above:
 * how many are too many is the matter of `throttled`.
 */
async function oneForm({ client, expect, random }: Tools): Promise<void> {
  const ben = { ...newcomer(random, 'ben'), password: `ﬁ${'ñ'.repeat(199)}` }
  await register(client, ben)
  const others: [string, string][] = [
    ['normalised to NFKC', ben.password.normalize('NFKC')], ['normalised to NFD', ben.password.normalize('NFD')],
    ['cut after 72 characters', ben.password.slice(0, 72)],
  ]
  await Promise.all(others.map(async ([what, password]) => {
    const reply = await knock(client, { ...ben, password })
    reply.satisfies(`a password ${what} is another one, and gets 401`, ({ status }) => status === 401, ({ status }) => status)
  }))
  await signIn({ client, expect }, ben)
}

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
  ]
  for (const [what, body] of bodies) {
    for (const path of ['/letters', '/shows']) {
      note(`POST ${path} with nothing, and with a body ${what}: who asks comes first`)
      isChallenged(await client.post(path, body))
    }
  }
})

function isChallenged(reply: Reply): void {
  reply.hasStatus(401).hasHeader('WWW-Authenticate', /(^|[,\s])bearer/i).hasJsonError()
}

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
  const isShow = answer?.title === show.title && answer.minutes === show.minutes && Boolean(answer.id)
  expect('the answer is the show, with an id', isShow, { expected: { id: '…', ...show }, actual: answer })
  const all = await titles(client, bearer(presenter.token))
  expect('the presenter’s show is in the guide', all.includes(show.title), { expected: show.title, actual: all.slice(-3) })
  expect('the listener’s is not', !all.includes(wish.title), { actual: all.slice(-3) })
})

check('public-stays-public', 'GET /shows needs no sender, and neither does a path that is not there', {
  hints: [
    'The programme is for everybody, also for those who will never have an account. A door belongs before what must be guarded, and nowhere else.',
    'See “One door, in front of what needs it”.',
    'Does the handler that asks for a token stand before all routes? Put it in front of the private ones only.',
  ],
}, async ({ client, random, note }) => {
  await titles(client)
  note('a path that is not there')
  const reply = await client.get(`/${random.word()}`)
  reply.hasStatus(404).hasJsonError()
})

check('letters-private', 'A letter is read by its author and by presenters: 403 for another listener, 401 for nobody', {
  hints: [
    'A long random id keeps nobody out: it stands in addresses, logs and histories. Each time, the question is who asks.',
    'See “Signed in is not allowed”.',
    'Keep the author with the letter, taken from the session. When it is read, compare the whole name: the author, or a presenter, or 403. Keep letters in a `Map`.',
  ],
  withinMs: HASHING_MS,
}, async (context) => {
  const { client, random, expect, note } = context
  const [ada, ben, presenter] = await Promise.all([enter(context, 'ada'), enter(context, 'ben'), enterPresenter(context, PRESENTERS[1]!)])
  const namesakes = [ada.name.slice(0, -1), ada.name.toUpperCase()]
  const others = await Promise.all(namesakes.map(async (name) => {
    const credentials = { name, password: ben.password }
    await register(client, credentials)
    return signIn(context, credentials)
  }))
  const text = `Dear Harbour Radio, ${random.word()}, ñ港 🎧\n— ada`
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
  note('a letter of the presenter is not for listeners either')
  const fromAbove = await writeLetter(client, presenter, text)
  await client.get(fromAbove, bearer(ada.token)).then((reply) => reply.hasStatus(403).hasJsonError())
  for (const id of [random.word(), 'constructor', '__proto__']) {
    note(`"${id}" is no letter`)
    const missing = await client.get(`/letters/${id}`, bearer(ada.token))
    missing.hasStatus([403, 404]).hasJsonError()
  }
})

check('logout-kills-token', 'After DELETE /sessions/current the token is dead everywhere; other sessions go on', {
  hints: [
    'Whoever has copied the token still has it. Only the server can make it worthless, by no longer knowing it.',
    'See “Signing out”.',
    'Forget the session on the server, that one alone, and look it up in every request. A signed token needs a list of those that have been signed out, by an id in it: several texts can decode to one signature.',
  ],
  withinMs: HASHING_MS,
}, async (context) => {
  const { client, random, note } = context
  const phone = await enter(context, 'ada')
  const laptop = await signIn(context, phone)
  const path = await writeLetter(client, phone, random.word())
  const out = await client.delete('/sessions/current', bearer(phone.token))
  out.hasStatus(204).hasEmptyBody()
  const requests = [...privateRequests(client, random, bearer(phone.token).headers), ['GET /letters/…', () => client.get(path, bearer(phone.token))] as const]
  for (const [what, send] of requests) {
    shutsOut(`${what} with the token that was signed out`, await send())
  }
  for (const [what, text] of lookalikes(phone.token)) {
    shutsOut(`the token that was signed out, ${what},`, await client.get('/me', bearer(text)))
  }
  note('the session on the laptop goes on')
  await whoIs(client, laptop.token)
})

check('ttl', 'A session ends SESSION_TTL_MS after its sign-in, used or not', {
  hints: [
    'A stolen token works for its thief as long as for its owner. An end that comes by itself limits the damage, if use does not put it off.',
    'See “An end that comes by itself”.',
    'Keep with each session when it ends, in milliseconds from SESSION_TTL_MS, and compare in every request. Is expiresAt that moment?',
  ],
  withinMs: HASHING_MS,
}, async ({ copy, expect, random, sleep, note }) => {
  const { client } = await copy(BRIEF)
  const ada = newcomer(random, 'ada')
  await register(client, ada)
  const { token, beganAt, endsAt } = await shortSession({ client, expect, note, sleep }, ada)
  for (;;) {
    const sentAt = Date.now()
    const reply = await client.get('/me', bearer(token))
    const ms = Math.round(performance.now() - beganAt)
    const isOver = isShutOut(reply)
    reply.satisfies(`after ${ms} ms the status is 200 or 401`, () => isOver || reply.status === 200, () => reply.status)
    // Each bound holds however late the machine is: an answer was made before it came, and after its request was sent.
    const isEarly = isOver && (ms < BRIEF_MS - EARLY_MS || Date.now() < endsAt - EARLY_MS)
    expect(`it was not over before ${BRIEF_MS} ms, the moment in expiresAt`, !isEarly, { expected: BRIEF_MS, actual: ms })
    if (isOver) break
    const lateMs = Math.round(sentAt - endsAt)
    expect('it is over at the moment in expiresAt, though it is used all the time', lateMs <= LATE_MS, { expected: '401', actual: `200, ${lateMs} ms later` })
    await sleep(30)
  }
  for (const [what, send] of privateRequests(client, random, bearer(token).headers)) {
    note(`${what} with the token that has ended`)
    const reply = await send()
    reply.hasStatus(401).hasHeader('WWW-Authenticate', /(^|[,\s])bearer/i)
  }
})

/** A tenth of a second is for clocks that tick coarsely. */
const EARLY_MS = 100
/** And a little more for a program that drops what has ended with a timer. */
const LATE_MS = 300

/**
 * A session of BRIEF_MS that is good at first, and ends shortly after a whole second: what rounds to seconds shows.
 * On a busy machine it may come late, or be over before it was tried: then once more.
 */
async function shortSession(
  tools: Pick<CheckContext, 'client' | 'expect' | 'note' | 'sleep'>,
  credentials: Credentials,
  attemptsLeft = 5,
): Promise<{ token: string; beganAt: number; endsAt: number }> {
  const { client, expect, note, sleep } = tools
  await sleep((2_130 - (Date.now() + BRIEF_MS) % 1_000) % 1_000)
  const [beganAt, began] = [performance.now(), Date.now()]
  const reply = await knock(client, credentials)
  const { token = '', expiresAt } = reply.hasStatus(done).json<{ token?: string; expiresAt?: unknown } | null>() ?? {}
  const endsAt = momentOf(expiresAt)
  const isPlausible = endsAt >= began + BRIEF_MS - LATE_MS && endsAt <= Date.now() + BRIEF_MS + LATE_MS
  expect(`expiresAt is ${BRIEF_MS} ms after the sign-in`, isPlausible, { expected: new Date(began + BRIEF_MS).toISOString(), actual: expiresAt })
  const me = await client.get('/me', bearer(token))
  const isLate = performance.now() - beganAt > BRIEF_MS - 100
  if (isLate && attemptsLeft > 1) {
    note('the machine is busy, and the session was over before it was tried, or nearly so')
    return shortSession(tools, credentials, attemptsLeft - 1)
  }
  if (!isLate) me.hasStatus(200)
  return { token, beganAt, endsAt }
}

check('tampered-token', 'A token with any character changed is nobody’s, and so is one without the word Bearer', {
  hints: [
    'A token is good because nobody else can make one. If one that was changed still passes, nobody looked at the part that proves it.',
    'See “A signed ticket, and what it is worth”.',
    'Do you decode the token and believe what it says? Look the whole text up, or verify its signature over all of it, before anything in it counts. And read the scheme, too: a token comes after the word Bearer.',
  ],
}, async (context) => {
  const { client } = context
  const { token } = await enter(context, 'ada')
  for (const place of placesIn(token)) {
    const changed = token.slice(0, place) + another(token[place]!) + token.slice(place + 1)
    const reply = await client.get('/me', bearer(changed))
    shutsOut(`the token with its character ${place + 1} of ${token.length} changed`, reply)
  }
  for (const [what, text] of otherEnds(token, [16, 32])) {
    shutsOut(`the token ${what}`, await client.get('/me', bearer(text)))
  }
  shutsOut('half of the token', await client.get('/me', bearer(token.slice(0, token.length / 2))))
  for (const [what, authorization] of [['as Basic', `Basic ${token}`], ['without a scheme', token]] as const) {
    shutsOut(`the right token ${what}`, await client.get('/me', { headers: { authorization } }))
  }
})

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The token with another last character. Its low bits may mean nothing in base64; those of value 16 and 32 always do. */
function otherEnds(token: string, bits: readonly number[]): [what: string, text: string][] {
  const end = token.search(/=*$/) - 1
  const last = BASE64URL.indexOf(token[end] ?? '')
  const characters = last === -1 ? [] : bits.map((value) => BASE64URL[last ^ value]!)
  return characters.map((character) => [`with "${character}" as its last character`, token.slice(0, end) + character + token.slice(end + 1)])
}

/** Other texts that a decoder may take for the same token: that is in order while the session lasts, and not after it. */
function lookalikes(token: string): [what: string, text: string][] {
  const others: [string, string][] = [['in capital letters', token.toUpperCase()], ['in small letters', token.toLowerCase()], ['and one more "="', `${token}=`]]
  return [...otherEnds(token, [1, 2, 3]), ...others.filter(([, text]) => text !== token)]
}

/** Of each part between dots the beginning and the middle. */
function placesIn(token: string): number[] {
  const parts = [...token.matchAll(/[^.]+/g)]
  const places = parts.flatMap(({ index, 0: part }) => [index, index + Math.floor(part.length / 2)])
  return [...new Set(places)].filter((place) => /[a-z\d]/i.test(token[place]!))
}

/** Another character of the same kind, in hexadecimal as in base64, whether case counts or not. */
function another(character: string): string {
  if (/\d/.test(character)) return String((Number(character) + 1) % 10)
  const last = /[a-f]/i.test(character) ? 'f' : 'z'
  if (character.toLowerCase() === last) return character === last ? 'b' : 'B'
  return String.fromCharCode(character.charCodeAt(0) + 1)
}

check('forged-token', 'A home-made token is nobody’s: no name, no digest of a name, no `alg: none`', {
  hints: [
    'Whatever a stranger can compute, a stranger can send: a name, its base64, its digest, a JWT that says of itself that it needs no signature.',
    'See “A signed ticket, and what it is worth”.',
    'Accept what you gave out and nothing else. With signatures: the server chooses the algorithm, and the key is long and random. Is your list of sessions an object? See `any-text-is-a-name`.',
  ],
  withinMs: HASHING_MS,
}, async (context) => {
  const { client } = context
  const [eve, victim] = await Promise.all([enter(context, 'eve'), enter(context, 'ada')])
  const forged: [string, string][] = [...guessesFor(victim), ...selfMade(victim.name), ...rewritten(eve.token, victim.name)]
  for (const [what, token] of forged) {
    shutsOut(what, await client.get('/me', bearer(token)))
  }
})

const base64url = (text: string): string => Buffer.from(text).toString('base64url')
const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

/** What somebody tries who knows a name. */
function guessesFor({ name, password }: Credentials): [string, string][] {
  const claims = JSON.stringify({ name, role: 'presenter' })
  return [
    ['the name itself', name], ['the name in base64', base64url(name)], ['the name in hexadecimal', Buffer.from(name).toString('hex')],
    ...['md5', 'sha1', 'sha256'].map((algorithm): [string, string] => [`the name’s ${algorithm}`, digest(algorithm, name)]),
    ['name and password in base64', base64url(`${name}:${password}`)], ['name and role as JSON in base64', base64url(claims)],
    ...['0', '1', '2', 'admin', 'undefined', 'null', 'constructor', '__proto__', 'toString'].map((text): [string, string] => [`"${text}"`, text]),
    ['two dots', '..'], ['three parts that mean nothing', 'a.b.c'], ['a brace in base64', `${base64url('{')}.${base64url('{')}.${base64url('{')}`],
    ['a bad escape', '%zz'],
  ]
}

function selfMade(name: string): [string, string][] {
  const claims = claimsOf(name)
  const unsigned = ['none', 'None', 'NONE'].map((alg): [string, string] => [`a JWT with "alg":"${alg}"`, `${headOf(alg)}.${claims}.`])
  const signed = ['', 'secret', 'password', 'changeme'].map((key): [string, string] => {
    const text = `${headOf('HS256')}.${claims}`
    return [`a JWT signed with the key "${key}"`, `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`]
  })
  return [...unsigned, ...signed, ['a JWT with half a signature', `${headOf('HS256')}.${claims}.AAAA`]]
}

const headOf = (alg: string): string => base64url(JSON.stringify({ alg, typ: 'JWT' }))

function claimsOf(name: string): string {
  const now = Math.floor(Date.now() / 1000)
  return base64url(JSON.stringify({ sub: name, name, user: name, username: name, role: 'presenter', iat: now, exp: now + 3_600 }))
}

/** A token whose parts can be read as JSON, with another name and role in them and everything else as it was. */
function rewritten(token: string, name: string): [string, string][] {
  const parts = token.split('.')
  const changed = parts.map((part) => {
    const claims = objectIn(part)
    if (claims === undefined || 'alg' in claims) return part
    const names = ['sub', 'name', 'user', 'username'].filter((key) => key in claims).map((key) => [key, name])
    return base64url(JSON.stringify({ ...claims, ...Object.fromEntries(names), role: 'presenter' }))
  })
  if (changed.every((part, index) => part === parts[index])) return []
  const [, claims = ''] = changed
  return [['your own token, rewritten', changed.join('.')], ['your own token, rewritten, with "alg":"none"', `${headOf('none')}.${claims}.`]]
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

check('tokens-unguessable', 'Tokens have 22 characters or more, and no two are alike', {
  hints: [
    'Whoever can guess a token needs no password. A count, a clock, or a digest of either can be guessed.',
    'See “A ticket for the next requests”.',
    'Take at least 16 bytes from a source made for secrets, such as `randomBytes`, anew at each sign-in. Letters, digits and `-._~+/=` are what a header takes.',
  ],
  withinMs: HASHING_MS,
}, async (context) => {
  const { client, random, expect } = context
  const [ada, ben] = [newcomer(random, 'ada'), newcomer(random, 'ben')]
  await Promise.all([register(client, ada), register(client, ben)])
  const people = await Promise.all([ada, ada, ada, ben].map((who) => signIn(context, who)))
  const tokens = people.map(({ token }) => token)
  const shortest = Math.min(...tokens.map((token) => token.length))
  expect('each has 22 characters or more', shortest >= 22, { expected: 'at least 22', actual: shortest })
  expect('each is of letters, digits and -._~+/=', tokens.every((token) => /^[\w\-.~+/]+=*$/.test(token)), { actual: tokens })
  const [left = '', right = ''] = closest(tokens)
  expect('no two are alike', left !== right, { actual: left })
  expect('no two differ in a few characters only', difference(left, right) >= 10, { expected: 'at least 10 characters', actual: [left, right] })
})

/** The pair that differs least. */
function closest(tokens: readonly string[]): string[] {
  const pairs = tokens.flatMap((left, index) => tokens.slice(index + 1).map((right) => [left, right]))
  return pairs.sort((one, other) => difference(one[0]!, one[1]!) - difference(other[0]!, other[1]!))[0] ?? []
}

/** In how many places two texts differ. */
function difference(left: string, right: string): number {
  const length = Math.max(left.length, right.length)
  return Array.from({ length }, (_, index) => left[index] !== right[index]).filter(Boolean).length
}

/** The answer, and the milliseconds until it came. */
async function timed(attempt: () => Promise<Reply>): Promise<{ reply: Reply; ms: number }> {
  const beganAt = performance.now()
  const reply = await attempt()
  return { reply, ms: performance.now() - beganAt }
}

check('same-answer-for-unknown', 'An unknown name and a wrong password get the same 401, byte for byte, after the same time', {
  hints: [
    'A sign-in that says “no such name”, or is quick to refuse it, hands out the list of those who have an account.',
    'See “The answer that tells nothing”.',
    'One sentence for both, without the name in it. And do the same work for both: where there is no account, compare with a hash that nothing equals.',
  ],
  withinMs: HASHING_MS,
}, async ({ client, random, expect }) => {
  const known = [newcomer(random, 'ada'), newcomer(random, 'ben')]
  await Promise.all(known.map((who) => register(client, who)))
  const fastest = { known: Infinity, unknown: Infinity }
  const isAlike = (): boolean => Math.max(fastest.known, fastest.unknown) <= 3 * Math.min(fastest.known, fastest.unknown)
  // Four failures a name, in turn with unknown ones. The fastest of each kind is what the work takes; the rest is the machine.
  for (let round = 0; round < 8 && (round < 4 || !isAlike()); round += 1) {
    const wrong = await timed(() => knock(client, { ...known[round % 2]!, password: newcomer(random, 'x').password }))
    const unknown = await timed(() => knock(client, newcomer(random, 'nobody')))
    wrong.reply.hasStatus(401).hasJsonError()
    unknown.reply.satisfies('an unknown name gets the same answer', ({ text, status }) => status === 401 && text === wrong.reply.text, ({ text, status }) => `${status} ${text}`)
    fastest.known = Math.min(fastest.known, wrong.ms)
    fastest.unknown = Math.min(fastest.unknown, unknown.ms)
  }
  const inWords = `known ${fastest.known.toFixed(1)} ms, unknown ${fastest.unknown.toFixed(1)} ms`
  expect('both take about as long, within a factor of 3', isAlike(), { expected: 'about the same', actual: inWords })
})

/** Less than this between a sign-in and a request without a hash is no 8 ms of work, whatever the machine's clock; twice as much is. */
const QUICK_MS = 5

check('slow-hash', 'A sign-in costs work: 8 ms or more', {
  hints: [
    'Whoever steals the file of hashes tries passwords at home. A digest such as SHA-256 lets him try millions a second, whatever salt is with it.',
    'See “An account, and what is kept of the password”.',
    'Use a hash that is made for passwords and made to be slow, such as `scrypt`, and raise its cost until a sign-in takes 8 ms and more.',
  ],
  withinMs: HASHING_MS,
}, async (context) => {
  const { client, random, expect } = context
  const ada = newcomer(random, 'ada')
  await register(client, ada)
  const fastest = { signIn: Infinity, calm: Infinity }
  const work = (): number => fastest.signIn - fastest.calm
  // The fastest of each is what it takes; the rest is the machine. What is soon clear needs few of them.
  for (let round = 0; round < 4 || (round < 12 && work() < 2 * QUICK_MS); round += 1) {
    const calm = await timed(() => client.get('/me'))
    const { reply, ms } = await timed(() => knock(client, ada))
    reply.hasStatus(done)
    fastest.calm = Math.min(fastest.calm, calm.ms)
    fastest.signIn = Math.min(fastest.signIn, ms)
  }
  const inWords = `a sign-in ${fastest.signIn.toFixed(1)} ms, GET /me ${fastest.calm.toFixed(1)} ms`
  expect('no sign-in is done in a moment', work() >= QUICK_MS, { expected: '8 ms of work', actual: inWords })
})

check('others-go-on', 'While passwords are hashed, others are served', {
  hints: [
    'One thread runs your JavaScript. While it computes a hash, nobody is answered, and a slow hash is slow on purpose.',
    'See “Slow for one, not for all”.',
    'Use the hash in its asynchronous form, which works on another thread and calls back: not the one whose name ends in `Sync`.',
  ],
  withinMs: HASHING_MS,
}, async ({ client, random, fail, note, sleep }) => {
  for (let attempt = 1; ; attempt += 1) {
    const { waitedMs, open } = await readBehind({ client, sleep }, Array.from({ length: RUSH }, () => rawSignIn(newcomer(random, 'nobody'))))
    note(`the guide came after ${waitedMs} ms, with ${open} of ${RUSH} sign-ins still at work`)
    if (open > 1 || waitedMs <= 40) return
    // Hashes that take no time hold nobody up: that is the matter of `slow-hash`. It is the machine, then.
    const calm = await readBehind({ client, sleep }, Array.from({ length: RUSH }, () => 'GET /me HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    note(`behind ${RUSH} requests without a hash it came after ${calm.waitedMs} ms`)
    if (waitedMs < 2 * calm.waitedMs) return
    // A busy machine can hold one reader up; it does not each time.
    if (attempt === 3) {
      fail('Expected that the guide does not wait until all sign-ins are done.', {
        expected: 'an answer meanwhile', actual: `an answer after ${RUSH - open} of ${RUSH} sign-ins`,
      })
    }
  }
})

const RUSH = 8

/** Several requests arrive, and right behind them somebody who wants to read the guide: how many are still open when he has it? */
async function readBehind({ client, sleep }: Pick<CheckContext, 'client' | 'sleep'>, requests: string[]): Promise<{ waitedMs: number; open: number }> {
  const waiting = await Promise.all(requests.map((request) => allButTheEnd(client, request)))
  const reader = await allButTheEnd(client, 'GET /shows HTTP/1.1\r\nHost: localhost\r\n\r\n')
  // Once all connections stand, their last bytes arrive together and in this order.
  await sleep(50)
  let open = requests.length
  const answers = waiting.map(async (finish) => {
    const reply = await finish()
    open -= 1
    reply.satisfies('nobody gets in', isShutOut, ({ status }) => status)
  })
  const all = Promise.all(answers)
  all.catch(() => undefined)
  const { ms } = await timed(reader)
  const stillOpen = open
  await all
  return { waitedMs: Math.round(ms), open: stillOpen }
}

function rawSignIn(who: Credentials): string {
  const body = JSON.stringify(who)
  return ['POST /sessions HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body].join('\r\n')
}

/** Sends a request but for its last byte; returns what sends that, too, and waits for the answer. */
async function allButTheEnd(client: Client, request: string): Promise<() => Promise<Reply>> {
  const connection = await client.connect()
  await connection.send(request.slice(0, -1))
  return async () => {
    await connection.send(request.slice(-1))
    return connection.reply()
  }
}

check('throttled', 'After 5 failed sign-ins on one name in a minute: 429 with Retry-After, for the right password too', {
  hints: [
    'Whoever may guess as often as he likes will be right one day. And if the right password still got through, every 429 would say “wrong”.',
    'See “Five guesses a minute”.',
    'Count failures by name, known or not. After the fifth failure, refuse that name before you look at the password, with the seconds to wait in Retry-After; no other name. The fifth itself still gets 401.',
  ],
  withinMs: HASHING_MS,
}, async (context) => {
  const { client, random, note } = context
  const [ada, ben, nobody] = [newcomer(random, 'ada'), newcomer(random, 'ben'), newcomer(random, 'nobody')]
  // A name that an object has by itself. At somebody's running server its minute may not be over since an earlier run.
  if (!isRemote(context)) nobody.name = 'valueOf'
  const [session] = await Promise.all([register(client, ada).then(() => signIn(context, ada)), register(client, ben)])
  const fail = async (who: Credentials, times: number): Promise<void> => {
    for (let time = 1; time <= times; time += 1) {
      const reply = await knock(client, { ...who, password: newcomer(random, 'x').password })
      reply.satisfies(`failure ${time} on one name gets 401`, ({ status }) => status === 401, ({ status }) => status)
    }
  }
  note('five failures each on two names, one of which nobody has')
  await Promise.all([fail(ada, 5), fail(nobody, 5)])
  isThrottled(await knock(client, { ...ada, password: newcomer(random, 'x').password }))
  note('and now the right password')
  isThrottled(await knock(client, ada))
  isThrottled(await knock(client, nobody))
  note('another name gets in, and who is signed in already stays so')
  await signIn(context, ben)
  await whoIs(client, session.token)
})

function isThrottled(reply: Reply): void {
  reply.hasStatus(429).hasHeader('Retry-After').hasJsonError()
  const value = reply.headers['retry-after'] ?? ''
  const isCount = /^\d+$/.test(value)
  const seconds = isCount ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  // A date has no fractions, and may have been rounded up.
  reply.satisfies('Retry-After is up to a minute: seconds, or a date', () => seconds > 0 && seconds <= (isCount ? 60 : 61), () => value)
}

check('senders-never-mixed', 'Requests of two people that cross each other are never mixed up', {
  hints: [
    'While one request waits for the rest of its body, another runs. What both keep in one variable, the second overwrites.',
    'See “It belongs to the request”.',
    'Where do you keep who is asking? Not outside the handlers: keep it on the request or the response, and read it from there.',
  ],
  withinMs: HASHING_MS,
}, async (context) => {
  const { client, random, expect, note, sleep } = context
  const [ada, ben] = await Promise.all([enter(context, 'ada'), enter(context, 'ben')])
  const body = JSON.stringify({ text: random.word() })
  const connection = await client.connect()
  const head = ['POST /letters HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${ada.token}`, 'Content-Type: application/json', `Content-Length: ${body.length}`]
  await connection.send([...head, '', body.slice(0, 5)].join('\r\n'))
  // Nothing tells when the program has read that far. Twice, since the first time may be too early.
  for (const rest of [body.slice(5, 8), body.slice(8)]) {
    await sleep(40)
    note('a part of a letter of ada’s has been sent, and now ben asks who he is')
    const told = await whoIs(client, ben.token)
    expect('ben is ben', told.name === ben.name, { expected: ben.name, actual: told.name })
    await connection.send(rest)
  }
  const path = pathOf(await connection.reply())
  note('the letter is complete, and ada’s own')
  await client.get(path, bearer(ada.token)).then((reply) => reply.hasStatus(200))
  note('and now 50 requests of both at once')
  await Promise.all(Array.from({ length: 50 }, async (_, index) => {
    const person = index % 2 === 0 ? ada : ben
    const { name } = await whoIs(client, person.token)
    expect('each is told his own name', name === person.name, { expected: person.name, actual: name })
  }))
})

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
  const json = { 'content-type': 'application/json', ...headers }
  const attempts: [string, () => Promise<Reply>, number | number[]][] = [
    ['a letter as text/plain', () => client.post('/letters', { body: '{"text":"x"}', headers: { ...headers, 'content-type': 'text/plain' } }), 415],
    ['an account as a form', () => client.post('/accounts', { body: 'name=a&password=12345678', headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 415],
    ['half a letter', () => client.post('/letters', { body: '{"text":"x', headers: json }), 400],
    ['half a sign-in', () => client.post('/sessions', { body: '{"name":', headers: { 'content-type': 'application/json' } }), 400],
    ['a sign-in without a password', () => client.post('/sessions', { json: { name: random.word() } }), [401, 422]],
    ['a sign-in with a number as the password', () => client.post('/sessions', { json: { name: random.word(), password: 12_345_678 } }), [401, 422]],
    ['a sign-in with an object as the name', () => client.post('/sessions', { json: { name: {}, password: random.word() } }), [401, 422]],
    ['null as a sign-in', () => client.post('/sessions', { json: null }), [400, 401, 422]],
    ['a letter without a text', () => client.post('/letters', { json: {}, headers }), 422],
    ['a letter with an empty text', () => client.post('/letters', { json: { text: '' }, headers }), 422],
    ['a letter with a number as its text', () => client.post('/letters', { json: { text: 7 }, headers }), 422],
    ['null as a letter', () => client.post('/letters', { json: null, headers }), [400, 422]],
    ['a show without minutes', () => client.post('/shows', { json: { title }, headers }), 422],
    ['a show without a title', () => client.post('/shows', { json: { minutes: 30 }, headers }), 422],
  ]
  for (const [what, attempt, status] of attempts) {
    note(what)
    const reply = await attempt()
    reply.hasStatus(status).hasJsonError()
  }
  note('an account without a Content-Type')
  const connection = await client.connect()
  await connection.send('POST /accounts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}')
  const untyped = await connection.reply()
  untyped.hasStatus(415).hasJsonError()
  note('80,000 bytes, as a letter and as a password')
  isRefusedAsTooLarge(await client.post('/letters', { json: { text: 'x'.repeat(65_537 - '{"text":""}'.length) }, headers }))
  isRefusedAsTooLarge(await client.post('/accounts', { json: { name: random.word(), password: 'x'.repeat(80_000) } }))
  note('80,000 bytes in chunks, without a Content-Length')
  isRefusedAsTooLarge(await client.post('/letters', { json: { text: 'x'.repeat(80_000) }, headers, chunked: true }))
  const all = await titles(client, { headers })
  expect('no refused show is in the guide', !all.includes(title), { actual: all.slice(-3) })
  note('exactly 65,536 bytes')
  const fits = await client.post('/letters', { json: { text: 'x'.repeat(65_536 - '{"text":""}'.length) }, headers })
  fits.satisfies('a letter of 65,536 bytes is taken', () => done.includes(fits.status), () => fits.status)
})
