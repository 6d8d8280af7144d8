import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { check, isRefusedAsTooLarge, lab } from './harness/lab.ts'
import type { CheckContext, Client, Reply } from './harness/lab.ts'
import type { EventStream, ServerSentEvent } from './harness/types/index.ts'

// Nobody is to leave in the middle of a check because the machine is busy; where leaving is tried, a copy has another time.
lab({ title: 'The meeting point', program: 'server', env: { LEAVE_MS: '5000' }, copies: 2 })

/** An inbox opens, and an event comes, within this time. */
const SOON_MS = 2_000
const LEAVE_MS = 450
const KEPT_EVENTS = 100
/** Whoever has not left by then does not obey LEAVE_MS: neither the default nor four times as long fits in. */
const LEFT_WITHIN_MS = 1_500
/** A machine on which a timer is later than this cannot tell whether the program is late. */
const BUSY_MS = 100

interface Joined {
  id: string
  token: string
  peers: { id: string; name: string }[]
}

interface Member extends Joined {
  name: string
  /** Who it is, for people: its name, and how its id begins. */
  is: string
  /** The path of the peer itself. */
  path: string
}

/** A member whose inbox is open. */
type Present = Member & { inbox: EventStream }

/** An event of an inbox, and what it says. */
interface Arrived {
  event: ServerSentEvent
  data: Record<string, unknown>
}

type Tools = Pick<CheckContext, 'client' | 'expect' | 'note' | 'random'>

const bearer = (token: string): { headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${token}` } })
const peersOf = (room: string): string => `/rooms/${encodeURIComponent(room)}/peers`

/** Joins and looks at the answer's shape. */
async function join({ client, expect, note }: Omit<Tools, 'random'>, room: string, name: string): Promise<Member> {
  const reply = await client.post(peersOf(room), { json: { name } })
  const body = reply.hasStatus(201).hasContentType('application/json').json<Joined>()
  const isRight = isText(body?.id) && isText(body.token) && Array.isArray(body.peers)
  expect('the answer has an id, a token and the peers', isRight, { expected: '{"id": "…", "token": "…", "peers": […]}', actual: body })
  const is = `${name} (${begin(body.id)})`
  note(`${is} is in the room`)
  return { ...body, name, is, path: `${peersOf(room)}/${encodeURIComponent(body.id)}` }
}

function begin(id: string): string {
  return id.length > 8 ? `${id.slice(0, 8)}…` : id
}

/** A room that nobody has been in, in this run or another: the program may run for days. */
function newRoom(): string {
  return `studio-${randomUUID().slice(0, 8)}`
}

/** Half of a UTF-16 pair is no text: neither a path nor a header can carry it. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value)
}

/** Opens a member's inbox, from the event on that comes after `lastEventId`. */
function openInbox(client: Client, { path, token }: Member, lastEventId?: string): Promise<EventStream> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  return client.events(`${path}/inbox?token=${encodeURIComponent(token)}`, { headers, withinMs: SOON_MS })
}

/** Joins and opens the inbox. */
async function enter(tools: Tools, room: string, name: string): Promise<Present> {
  const member = await join(tools, room, name)
  return { ...member, inbox: await openInbox(tools.client, member) }
}

/** A name that no other check uses: ada is `ada-xkcdfg`. */
function call({ random }: Pick<Tools, 'random'>, who: string): string {
  return `${who}-${random.word()}`
}

function post(client: Client, from: Member, to: Member, data: unknown): Promise<Reply> {
  return client.post(`${to.path}/signals`, { json: { data }, ...bearer(from.token) })
}

/** Posts a signal that must be taken. */
async function signal(client: Client, from: Member, to: Member, data: unknown): Promise<void> {
  const reply = await post(client, from, to, data)
  reply.hasStatus(202)
}

/** The next event of a name, its data parsed. */
async function next({ expect }: Pick<Tools, 'expect'>, inbox: EventStream, name?: string, withinMs = SOON_MS): Promise<Arrived> {
  const event = await inbox.next(name, { withinMs })
  const data = parse(event.data)
  const isObject = typeof data === 'object' && data !== null
  expect('the event\'s data is one JSON object', isObject, { expected: '{…}', actual: event.data })
  return { event, data: data as Record<string, unknown> }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads signals until `count` have come, and returns their data. */
async function signals(tools: Pick<Tools, 'expect'>, inbox: EventStream, count: number): Promise<unknown[]> {
  const all: unknown[] = []
  while (all.length < count) all.push((await next(tools, inbox, 'signal')).data.data)
  return all
}

/** Makes a request that must get one of these statuses, with a JSON error. */
async function refused(what: string, attempt: () => Promise<Reply>, statuses: number[]): Promise<void> {
  const reply = await attempt()
  reply.satisfies(`${what} is refused with ${statuses.join(' or ')}`, ({ status }) => statuses.includes(status), ({ status }) => status)
  reply.hasJsonError()
}

/** What simple-peer would say, without being it. */
function offer({ random }: Pick<Tools, 'random'>): object {
  return { type: 'offer', sdp: `v=0\r\no=- ${random.integer(1, 1e9)} 2 IN IP4 127.0.0.1\r\n` }
}

check('joins', 'POST …/peers answers 201 with an id, a token, and who is there already', {
  hints: [
    'Whoever joins must learn two things about itself, its address and its secret, and whom it can call.',
    'See “Joining a room”.',
    'Look at the list of peers: those who were there before, in it each with id and name, and nothing that only they may know.',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const first = await join(tools, room, call(tools, 'first'))
  expect('nobody was there before the first', first.peers.length === 0, { expected: [], actual: first.peers })
  const second = await join(tools, room, call(tools, 'second'))
  const third = await join(tools, room, call(tools, 'third'))
  const names = third.peers.map(({ id, name }) => `${id} ${name}`).sort()
  const expected = [first, second].map(({ id, name }) => `${id} ${name}`).sort()
  expect('the third is told of the two others, with id and name', String(names) === String(expected), { expected, actual: third.peers })
  expect('ids and tokens are all different', new Set([first, second, third].flatMap(({ id, token }) => [id, token])).size === 6)
  const told = texts(third.peers)
  expect('no token of another is told', ![first, second].some(({ token }) => told.includes(token)), { expected: 'id and name', actual: third.peers })
})

/** All texts in a JSON value. A token may be as short as "1": only a whole text gives it away. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
}

check('tells-who-joined', 'Those in the room hear of a newcomer as `joined`; the newcomer does not hear of itself', {
  hints: [
    'Who is there already waits to be called, and must know the caller\'s name before the call comes.',
    'See “The inbox”. No answer at all? An inbox sends its status and headers at once, before there is any event.',
    'Deliver `joined` with id and name to everyone else in the room. Has each event its `event:` line, its `data:` line and the empty line after it?',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  // Ben's inbox opens later: when ada hears nothing, the last request is the one that she should have heard of.
  const ben = await join(tools, room, call(tools, 'ben'))
  const { event: heard, data } = await next(tools, ada.inbox)
  const isBen = heard.event === 'joined' && data.id === ben.id && data.name === ben.name
  expect(`the first thing that ${ada.is} hears is that ${ben.is} joined`, isBen, {
    expected: `joined ${JSON.stringify({ id: ben.id, name: ben.name })}`, actual: `${heard.event} ${heard.data}`,
  })
  const inbox = await openInbox(client, ben)
  await signal(client, ada, ben, offer(tools))
  const { event } = await next(tools, inbox)
  expect(`the first thing that ${ben.is} hears is not itself, but ada's signal`, event.event === 'signal', { expected: 'signal', actual: event })
})

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
    { type: 'offer', sdp: 'v=0\r\na=candidate:1 1 tcp 1 127.0.0.1 9 typ relay\r\n \n', extra: [1, { deep: null }] },
    { type: 'candidate', candidate: { candidate: '', sdpMLineIndex: 0, sdpMid: '0', more: true } },
    'lines\nand\n\nevent: left\ndata: {}\r\n', `Ñandú, 港, 🎧, \u2028, "quoted" \\ ${random.word()}`,
    '', null, 0, false, 1.5, [], {}, [[], ''], 'x'.repeat(60_000),
  ]
  for (const value of values) await signal(client, ben, ada, value)
  const came = await signals(tools, ada.inbox, values.length)
  for (const [index, value] of values.entries()) {
    // The order of an object's members is no part of its value.
    const isSame = isDeepStrictEqual(came[index], value)
    expect(`signal ${index + 1} of ${values.length} is the same value`, isSame, { expected: value, actual: came[index] })
  }
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

check('queued-before-inbox', 'What comes before an inbox is opened waits for it, in order', {
  hints: [
    'Between joining and opening the inbox there is a moment, and a quick partner calls in that very moment.',
    'See “The inbox”: it keeps a queue.',
    'Keep events for a peer that has no open inbox, up to 100, and write them first when it opens one.',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await join(tools, room, call(tools, 'ada'))
  const ben = await enter(tools, room, call(tools, 'ben'))
  const sent = Array.from({ length: 20 }, () => random.word())
  for (const data of sent) await signal(client, ben, ada, data)
  const inbox = await openInbox(client, ada)
  const { event, data: first } = await next(tools, inbox)
  expect(`first it tells that ${ben.is} joined`, event.event === 'joined' && first.id === ben.id, {
    expected: `joined ${ben.id}`, actual: `${event.event} ${event.data}`,
  })
  const late = random.word()
  await signal(client, ben, ada, late)
  const came = await signals(tools, inbox, sent.length + 1)
  expect('then the 20 signals that waited, then the new one', String(came) === String([...sent, late]), { expected: [...sent, late], actual: came })
})

check('keeps-100', 'Up to 100 events wait for an inbox, `joined` among them', {
  hints: [
    'A room may be lively and a line slow. How much waits is part of the promise, so that a sender knows what it can rely on.',
    'See “The inbox” and the contract: up to 100 are kept for each peer.',
    'How many events does your queue hold before it drops one? Does it drop from the right end?',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await join(tools, room, call(tools, 'ada'))
  const ben = await join(tools, room, call(tools, 'ben'))
  // One place of the hundred is taken by `joined`. Within a round the order is open.
  const sent = Array.from({ length: KEPT_EVENTS - 1 }, (_, index) => index + 1)
  for (let at = 0; at < sent.length; at += 11) {
    await Promise.all(sent.slice(at, at + 11).map((data) => signal(client, ben, ada, data)))
  }
  const inbox = await openInbox(client, ada)
  await signal(client, ben, ada, 'the last')
  const came = new Set<unknown>()
  while (!came.has('the last')) came.add((await next(tools, inbox, 'signal')).data.data)
  const missing = sent.filter((data) => !came.has(data))
  expect(`all ${sent.length} signals come that waited beside one \`joined\``, missing.length === 0, {
    expected: `${sent.length} signals`, actual: `${missing.length} are missing: ${missing.join(', ')}`,
  })
})

check('inbox-reconnects-without-loss', 'An inbox that comes back with Last-Event-ID goes on where its reader stopped', {
  hints: [
    'The server has written an event; that does not mean that it arrived. Only the reader knows what it has seen, and says so.',
    'See “When the line breaks”.',
    'Number the events of a peer, keep the last ones even when written, and begin with the first after Last-Event-ID. Nobody has left within LEAVE_MS.',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  const ben = await enter(tools, room, call(tools, 'ben'))
  for (const data of ['1', '2', '3']) await signal(client, ada, ben, data)
  const events = [await next(tools, ben.inbox, 'signal'), await next(tools, ben.inbox, 'signal'), await next(tools, ben.inbox, 'signal')]
  const ids = events.map(({ event }) => event.id)
  expect('each event has an id of its own', ids.every(isText) && new Set(ids).size === 3, { expected: 'three ids', actual: ids })
  ben.inbox.close()
  for (const data of ['4', '5']) await signal(client, ada, ben, data)
  const inbox = await openInbox(client, ben, ids[1])
  await signal(client, ada, ben, '6')
  const came = await signals(tools, inbox, 4)
  expect('after event 2 come 3, 4, 5 and 6, each once', came.join() === '3,4,5,6', { expected: ['3', '4', '5', '6'], actual: came })
  await signal(client, ben, ada, 'still here')
  await next(tools, ada.inbox, 'signal')
  const left = ada.inbox.pending().filter(({ event }) => event === 'left')
  expect('nobody was told that ben has left', left.length === 0, { actual: left })
})

check('rooms-isolated', 'What happens in a room stays in it: names, events, signals and tokens', {
  hints: [
    'A room is a world of its own. Whoever is not in it must not be able to reach into it, not even with a valid token from next door.',
    'See “Joining a room”.',
    'Look up peers and tokens within the room that the path names. A room is one path segment, decoded.',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  const [blue, red] = [`${newRoom()} blue/é`, `${newRoom()} red`]
  const ada = await enter(tools, blue, 'ada')
  const other = await enter(tools, red, 'ada')
  expect('the other room is empty', other.peers.length === 0, { expected: [], actual: other.peers })
  const into = await post(client, other, ada, 'from outside')
  into.hasStatus([401, 403, 404]).hasJsonError()
  const out = await client.post(`${peersOf(red)}/${encodeURIComponent(ada.id)}/signals`, { json: { data: 'x' }, ...bearer(other.token) })
  out.hasStatus(404).hasJsonError()
  const ben = await enter(tools, blue, 'ben')
  await signal(client, ben, ada, 'from inside')
  const heard = [await next(tools, ada.inbox), await next(tools, ada.inbox)]
  expect('ada has heard ben alone', heard[0]?.data.id === ben.id && heard[1]?.data.from === ben.id, {
    expected: 'joined, then ben\'s signal', actual: heard.map(({ data }) => data),
  })
})

check('any-name', 'Every text is a name, for a room as for a peer', {
  hints: [
    'In JavaScript, a plain object has properties that nobody put there: `constructor`, `toString`, `__proto__`.',
    'See “Joining a room”.',
    'Keep rooms and peers in a Map, which holds what was put into it and nothing else.',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  for (const room of ['constructor', '__proto__', `Ñandú & 港? ${newRoom()}`]) {
    const first = await enter(tools, room, `toString ${newRoom()}`)
    const second = await enter(tools, room, `Ñandú ${newRoom()}`)
    expect(`both are in the room "${room}"`, second.peers.some(({ id }) => id === first.id), { expected: first.id, actual: second.peers })
    await signal(client, second, first, room)
    const [data] = await signals(tools, first.inbox, 1)
    expect('the signal arrives', data === room, { expected: room, actual: data })
    for (const member of [first, second]) await client.delete(member.path, bearer(member.token))
  }
})

/** Asks for an inbox that must be refused. One that opens is an answer without an end, so a second must do. */
function knockAt({ client, fail }: Pick<CheckContext, 'client' | 'fail'>, path: string): Promise<Reply> {
  return client.get(path, { withinMs: 1_000 }).catch(() =>
    fail('Expected that this inbox is refused at once. It was opened, or there is no answer at all.', { expected: '4xx', actual: 'an answer without an end' }))
}

check('token-required', 'Nobody reads, sends or leaves in another\'s name: 401 without the right token', {
  hints: [
    'An id is an address, and everyone in the room knows it. What proves that a request is yours is the token, which you alone know.',
    'See “Who says so?”, and the chapter\'s table of refusals.',
    'Compare the token in all three places: the inbox\'s `?token=`, and `Authorization: Bearer` for signals and for leaving.',
  ],
}, async ({ client, expect, fail, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  const eve = await enter(tools, room, call(tools, 'eve'))
  const wrong = random.word()
  const knock = (path: string): Promise<Reply> => knockAt({ client, fail }, path)
  const attempts: [string, () => Promise<Reply>, number[]][] = [
    ['a signal without a token', () => client.post(`${ada.path}/signals`, { json: { data: 'x' } }), [401]],
    ['a signal with a token that is nobody\'s', () => client.post(`${ada.path}/signals`, { json: { data: 'x' }, ...bearer(wrong) }), [401]],
    ['an id in place of a token', () => client.post(`${ada.path}/signals`, { json: { data: 'x' }, ...bearer(eve.id) }), [401]],
    ['an inbox without a token', () => knock(`${ada.path}/inbox`), [401]],
    ['an inbox with a token that is nobody\'s', () => knock(`${ada.path}/inbox?token=${wrong}`), [401]],
    ['another\'s inbox', () => knock(`${ada.path}/inbox?token=${encodeURIComponent(eve.token)}`), [401, 403]],
    ['leaving without a token', () => client.delete(ada.path), [401]],
    ['sending another away', () => client.delete(ada.path, bearer(eve.token)), [401, 403]],
  ]
  for (const [what, attempt, statuses] of attempts) await refused(what, attempt, statuses)
  const ben = await join(tools, room, call(tools, 'ben'))
  expect(`${ada.is} is still there`, ben.peers.some(({ id }) => id === ada.id), { expected: ada.id, actual: ben.peers })
})

check('leaves', 'DELETE …/peers/:id answers 204; the others hear `left`; its name is free and its token dead', {
  hints: [
    'Leaving undoes everything that joining did: the place in the room, the name, the token. And the others hear of it.',
    'See “Leaving, and being gone”.',
    'After leaving: `left` with the id to all others; signals to that id get 404; its token gets 401; its name can be taken.',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  const ben = await enter(tools, room, call(tools, 'ben'))
  const reply = await client.delete(ben.path, bearer(ben.token))
  reply.hasStatus(204).hasEmptyBody()
  const { data } = await next(tools, ada.inbox, 'left')
  expect(`ada hears that ${ben.is} has left`, data.id === ben.id, { expected: { id: ben.id }, actual: data })
  const to = await post(client, ada, ben, 'too late')
  to.hasStatus(404).hasJsonError()
  const from = await post(client, ben, ada, 'too late')
  from.hasStatus(401).hasJsonError()
  const again = await join(tools, room, ben.name)
  expect('ben is a new peer now', again.id !== ben.id && again.peers.every(({ id }) => id !== ben.id), { actual: again })
})

check('dead-peer-leaves', 'A peer whose inbox has been closed for LEAVE_MS has left', {
  hints: [
    'Whoever crashes says no goodbye. All that the meeting point sees is that a connection ends, and then that none comes back.',
    'See “Leaving, and being gone”. Is the time the one in the environment\'s LEAVE_MS? This check sets another than the default.',
    'When the inbox closes, start a timer of LEAVE_MS (from the environment). When it ends, do what DELETE does.',
  ],
  withinMs: 9_000,
}, async ({ copy, expect, note, random, sleep }) => {
  const { client } = await copy({ name: 'impatient', env: { LEAVE_MS: String(LEAVE_MS) } })
  const tools = { client, expect, note, random }
  const { ada, ben, room, afterMs } = await untilLeft(tools, sleep)
  expect(`LEAVE_MS is ${LEAVE_MS}, so ada hears within ${LEFT_WITHIN_MS} ms of the end of ben's inbox that ${ben.is} has left`, afterMs !== undefined, {
    expected: `left ${JSON.stringify({ id: ben.id })}`,
    actual: ada.inbox.pending().map(({ event, data }) => `${event} ${data}`).join(', ') || 'nothing',
  })
  // A timer may end a little early; it must not have been left out.
  expect(`not before LEAVE_MS (${LEAVE_MS}) have passed`, Number(afterMs) >= LEAVE_MS - 20, { expected: `${LEAVE_MS} ms`, actual: `${afterMs} ms` })
  await join(tools, room, ben.name)
})

interface Parted {
  room: string
  ada: Present
  ben: Member
  /** From the end of ben's inbox to ada's hearing of it; undefined when she has not heard in time. */
  afterMs: number | undefined
}

/** Ben's inbox closes while ada listens. Where she hears nothing and this process was held up too, the machine may be to blame: then once more. */
async function untilLeft(tools: Tools, sleep: CheckContext['sleep'], attempts = 4): Promise<Parted> {
  const room = newRoom()
  const ben = await enter(tools, room, call(tools, 'ben'))
  const ada = await enter(tools, room, call(tools, 'ada'))
  const isLeft = ({ event, data }: ServerSentEvent): boolean => event === 'left' && (parse(data) as Partial<Joined> | null)?.id === ben.id
  const closedAt = performance.now()
  ben.inbox.close()
  tools.note('ben\'s inbox is closed')
  let [nowMs, longestGapMs] = [0, 0]
  while (!ada.inbox.pending().some(isLeft)) {
    if (nowMs > LEFT_WITHIN_MS) {
      const isBusy = longestGapMs > BUSY_MS
      return isBusy && attempts > 1 ? untilLeft(tools, sleep, attempts - 1) : { room, ada, ben, afterMs: undefined }
    }
    await sleep(20)
    const beforeMs = nowMs
    nowMs = performance.now() - closedAt
    longestGapMs = Math.max(longestGapMs, nowMs - beforeMs)
  }
  return { room, ada, ben, afterMs: Math.round(performance.now() - closedAt) }
}

interface CameBack {
  ada: Present
  ben: Member
  /** Ben's, the second one. */
  inbox: EventStream
}

/** Ben's inbox closes and opens again while Ada listens. On a busy machine it may be too late to tell anything: then once more. */
async function awayAndBack(tools: Tools, sleep: CheckContext['sleep'], attempts = 4): Promise<CameBack> {
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  const ben = await enter(tools, room, call(tools, 'ben'))
  const closedAt = performance.now()
  ben.inbox.close()
  // The program has to see the end before it sees the new beginning.
  await sleep(50)
  const inbox = await openInbox(tools.client, ben).catch((error: unknown) => error as Error)
  const isInTime = performance.now() - closedAt < LEAVE_MS - 100
  if (!isInTime && attempts > 1) return awayAndBack(tools, sleep, attempts - 1)
  if (inbox instanceof Error) throw inbox
  return { ada, ben, inbox }
}

check('back-in-time', 'A peer whose inbox comes back within LEAVE_MS stays', {
  hints: [
    'A short gap in the line is not an end. Whoever is back in time has never been away, neither now nor when the timer would have ended.',
    'See “Leaving, and being gone”.',
    'Stop the timer when the inbox opens again, so that it does not end later for a peer that is there.',
  ],
}, async ({ copy, expect, note, random, sleep }) => {
  const { client } = await copy({ name: 'impatient', env: { LEAVE_MS: String(LEAVE_MS) } })
  const tools = { client, expect, note, random }
  const { ada, ben, inbox } = await awayAndBack(tools, sleep)
  await sleep(LEAVE_MS + 100)
  await signal(client, ada, ben, 'after')
  const [data] = await signals(tools, inbox, 1)
  expect('the signal comes through the new inbox', data === 'after', { expected: 'after', actual: data })
  const left = ada.inbox.pending().filter(({ event: name }) => name === 'left')
  expect('nobody was told that ben has left', left.length === 0, { actual: left })
})

check('old-inbox-ends-late', 'An old inbox that ends after the new one has opened takes nobody away', {
  hints: [
    'A line that is dead for its reader may look alive to the server for a while. Its end comes late, when the new line has long been open.',
    'See “Leaving, and being gone”: the last paragraph, on what needs care.',
    'When a connection ends, ask whether it is the one that counts now. The end of any other one says nothing.',
  ],
}, async ({ copy, expect, note, random, sleep }) => {
  const { client } = await copy({ name: 'impatient', env: { LEAVE_MS: String(LEAVE_MS) } })
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  const ben = await enter(tools, room, call(tools, 'ben'))
  const inbox = await openInbox(client, ben)
  ben.inbox.close()
  note('the second inbox is open, the first one is closed')
  await sleep(LEAVE_MS + 100)
  await signal(client, ada, ben, 'to the new one')
  const [data] = await signals(tools, inbox, 1)
  expect('the signal comes through the new inbox', data === 'to the new one', { expected: 'to the new one', actual: data })
  await signal(client, ben, ada, 'still here')
  await next(tools, ada.inbox, 'signal')
  const left = ada.inbox.pending().filter(({ event }) => event === 'left')
  expect(`nobody was told that ${ben.is} has left`, left.length === 0, { actual: left })
})

check('name-taken', 'A name that is taken in the room gets 409, and who has it keeps it', {
  hints: [
    'The request is well-formed and yet impossible in the present state of the room: that is what 409 Conflict is for.',
    'See “Joining a room”.',
    'Look for the name before you add anyone; refuse the second, and leave the first as it is.',
  ],
}, async ({ client, expect, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  const second = await client.post(peersOf(room), { json: { name: ada.name } })
  second.hasStatus(409).hasJsonError()
  const wanted = random.word()
  const rush = await Promise.all(Array.from({ length: 5 }, () => client.post(peersOf(room), { json: { name: wanted } })))
  const statuses = rush.map(({ status }) => status).sort()
  expect('of five at once, one gets the name', statuses.join() === '201,409,409,409,409', { expected: [201, 409, 409, 409, 409], actual: statuses })
  const ben = await enter(tools, room, call(tools, 'ben'))
  expect('there are as many in the room as got in', ben.peers.length === 2, { expected: 2, actual: ben.peers })
  await signal(client, ben, ada, 'still you')
  await signals(tools, ada.inbox, 1)
})

check('413', 'A signal of more than 64 KiB gets 413', {
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
  }
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
}, async ({ client, expect, fail, note, random }) => {
  const tools = { client, expect, note, random }
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
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
    ['a list', () => client.post(peersOf(room), { json: ['ada'] }), [400, 422]],
    ['null', () => client.post(peersOf(room), { json: null }), [400, 422]],
    ['a signal without data', () => client.post(to, { json: {}, ...bearer(ada.token) }), [422]],
    ['a signal as text/plain', () => client.post(to, { body: '{"data":1}', headers: { 'content-type': 'text/plain', authorization: `Bearer ${ada.token}` } }), [415]],
    ['a signal that is not JSON', () => client.post(to, { body: '{', headers: { ...json, authorization: `Bearer ${ada.token}` } }), [400]],
    ['a peer that is not there', () => client.post(`${peersOf(room)}/${random.word()}/signals`, { json: { data: 1 }, ...bearer(ada.token) }), [404]],
    ['the inbox of a peer that is not there', () => knockAt({ client, fail }, nobodysInbox), [401, 403, 404]],
    ['a path that is not there', () => client.get(`/${random.word()}`), [404]],
  ]
  for (const [what, attempt, statuses] of attempts) await refused(what, attempt, statuses)
  const raw = await client.connect()
  await raw.send('POST /rooms/%zz/peers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"name":"eve"}')
  const badEscape = await raw.reply()
  badEscape.satisfies('a bad escape in the path gets 4xx', ({ status }) => status >= 400 && status < 500, ({ status }) => status)
  const ben = await join(tools, room, call(tools, 'ben'))
  expect('nobody came in by mistake', ben.peers.length === 1 && ben.peers[0]?.id === ada.id, { expected: [ada.id], actual: ben.peers })
  await signal(client, ben, ada, 'still there')
  await signals(tools, ada.inbox, 1)
})

check('then-gets-out-of-the-way', 'Once two peers are linked, the meeting point can die and they talk on', {
  hints: [
    'Signalling is what comes before the connection. What the peers say to each other afterwards goes from one to the other and through no server.',
    'See “And then it is not needed”. If no channel opens at all, look at `introduces` first.',
    'The meeting point carries signals and nothing else: it must not be one end of the connection itself.',
  ],
  playsPeers: true,
  withinMs: 8_000,
}, async ({ copy, expect, peer }) => {
  const doomed = await copy({ name: 'doomed', own: true })
  const where = { signalUrl: doomed.client.origin, room: newRoom() }
  const ada = await peer({ ...where, name: 'ada' })
  const ben = await peer({ ...where, name: 'ben' })
  const links = [await ben.link('ada', { withinMs: 4_000 }), await ada.link('ben')]
  doomed.program.kill('SIGKILL')
  await doomed.program.ended
  for (const link of links) {
    const answer = await link.ask('/about')
    expect(`${link.peer.name} still answers, and there is no server any more`, answer.status === 200, { expected: 200, actual: answer.status })
  }
})
