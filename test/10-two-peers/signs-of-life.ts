import { check } from '../harness/lab.ts'
import type { CheckContext, TestLink } from '../harness/lab.ts'
import { answersAbout, openQuestion, response } from './frames.ts'
import { guest, LONG_MS, shortestGap, unique } from './guests.ts'

/** A right program needs a few milliseconds, and a busy machine more, but not each time. */
const AT_ONCE_MS = 500

const SECOND_AND_A_BIT_MS = 1_300

/** For so long nothing is said but pings and pongs. */
const IDLE_MS = 3_000

/** 25 a second. */
const MAX_PINGS = 75

/** Signs of life, and frames that nobody asked for. */
export function signsOfLife(): void {
  check('ping-pong', 'Your program pings its peers by itself and answers their pings', {
    hints: [
      'A link on which nothing is said cannot be told from a dead one.',
      'See "Is anybody there?".',
      'Send `{"type":"ping"}` on every open link about twice a second, whoever called, from one clock a link, and answer each ping with a pong at once.',
    ],
    waits: true,
    withinMs: LONG_MS,
  }, async (context) => {
    const { link } = await guest(context, { name: unique(context, 'pia') })
    const pongsMs: number[] = []
    while (pongsMs.length < 5 && !pongsMs.some((ms) => ms < AT_ONCE_MS)) pongsMs.push(await pongAfter(link))
    context.expect('a pong comes at once', pongsMs.some((ms) => ms < AT_ONCE_MS), { expected: 'a few milliseconds after the ping', actual: pongsMs.map((ms) => `${Math.round(ms)} ms`) })
    await answersNoPong(context, link)
    await answersPlainly(context, link)
    // Counted from now on: on a busy machine the two may have been linked for seconds.
    await takeAll(link, 'ping')
    const countedFrom = performance.now()
    const pingsAt: number[] = []
    while (pingsAt.length < 5) {
      await link.next('ping', { withinMs: 4_000 })
      pingsAt.push(performance.now())
    }
    // The shortest of four: a busy machine makes some longer.
    const shortest = shortestGap(pingsAt)
    context.expect('pings go on coming, at least one a second', shortest < SECOND_AND_A_BIT_MS, { expected: 'at most 1,000 ms from one to the next', actual: `at least ${Math.round(shortest)} ms` })
    let pings = pingsAt.length
    while (await comes(link, 'ping', countedFrom + IDLE_MS - performance.now())) pings += 1
    context.expect('they do not become more and more', pings <= MAX_PINGS, {
      expected: `a few in ${IDLE_MS / 1_000} s, and not over ${MAX_PINGS}`, actual: pings,
    })
  })

  check('bad-frame-survived', 'Frames that are nonsense harm nothing: the link and the program go on', {
    hints: [
      'What comes over a channel was written by another program, perhaps an old or a broken one.',
      'See "When a frame is nonsense".',
      'Parse in a `try`, look at the type of each member before you use it, and ignore what you cannot use. The link stays open.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, meeting, random } = context
    const { peer, link } = await guest(context, { name: unique(context, 'scribble') })
    for (const frame of nonsense(random.word())) await link.send(frame)
    context.note('the nonsense was sent')
    await answersAbout(context, link, meeting.name)
    const reply = await client.get(`/peers/${peer.name}/about`)
    reply.hasStatus(200).hasJson({ name: peer.name })
    await link.next('request', { withinMs: 5_000 })
    await peer.behave({ answers: false })
    const { reply: asked, id } = await openQuestion(client, link, `/peers/${peer.name}/about`)
    for (const members of NO_ANSWERS) await link.send({ type: 'response', id, ...members })
    await link.send(response(id, 200, Buffer.from('{}'), true))
    // What becomes of a question whose answer is nonsense is open; that the program goes on is not.
    await asked
    await answersAbout(context, link, meeting.name)
  })

  check('bad-escape-in-path', 'A request frame whose path cannot be decoded is answered with 400 or 404', {
    hints: [
      '`decodeURIComponent` throws on an escape that is none. On a channel no framework catches that for you.',
      'See "When a frame is nonsense".',
      'Catch the error and answer the request with 400 or 404: it has an id, so somebody waits for it.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { meeting } = context
    const { link } = await guest(context, { name: unique(context, 'escaper') })
    const { status } = await link.ask('/library/%zz', { withinMs: 4_000 })
    context.expect('the answer has status 400 or 404', status === 400 || status === 404, { expected: '400 or 404', actual: status })
    await answersAbout(context, link, meeting.name)
  })

  check('answers-of-others-ignored', 'Only the peer that was asked can answer: a response from another peer is ignored', {
    hints: [
      'An id means something on its own link only. Two peers may well use the same.',
      'See "Whose answer is this?".',
      'Keep the open questions with the link they were asked on, and look for the id of a response there alone.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, random } = context
    const [asked, other] = await Promise.all([
      guest(context, { name: unique(context, 'asked'), answers: false }),
      guest(context, { name: unique(context, 'liar'), answers: false }),
    ])
    const right = random.bytes(60)
    const { reply, id } = await openQuestion(client, asked.link, `/peers/${asked.peer.name}/library/truth`)
    await other.link.send(response(id, 200, random.bytes(60), true))
    // Frames keep their order: once this is answered, the one before it has been dealt with.
    await answersAbout(context, other.link, context.meeting.name)
    context.note(`${other.peer.name} answered a question that ${asked.peer.name} was asked`)
    await asked.link.send(response(id, 200, right, true))
    const answer = await reply
    answer.hasStatus(200).hasBytes(right)
  })
}

/** What makes no answer of a question that is open: members of another type, or none. Which numbers make a status is left open. */
const NO_ANSWERS = [
  {},
  { status: 200, chunk: null, done: true },
  { status: 200, chunk: 7, done: true },
  { status: '200', chunk: 'e30=', done: true },
  { chunk: 'e30=', done: true },
]

function comes(link: TestLink, type: string, withinMs: number): Promise<boolean> {
  return link.next(type, { withinMs: Math.max(0, withinMs) }).then(() => true, () => false)
}

/** Takes what has come of that type until now, so that what comes later can be counted. */
async function takeAll(link: TestLink, type: string): Promise<void> {
  while (await comes(link, type, 0));
}

/** What answers everything with a pong answers its like for ever. */
async function answersNoPong({ expect }: CheckContext, link: TestLink): Promise<void> {
  await takeAll(link, 'pong')
  const sent = 20
  for (let count = 0; count < sent; count += 1) await link.send({ type: 'pong' })
  let came = 0
  while (came < sent && await comes(link, 'pong', 200)) came += 1
  // Some are for the pings that a peer sends by itself.
  expect('a pong is answered by nothing', came < sent / 2, { expected: `${sent} pongs, and no answer`, actual: `${came} frames of type pong` })
}

/** A pong is told by its place and not by an id, and a ping by its type, whatever else is in it. */
async function answersPlainly({ expect }: CheckContext, link: TestLink): Promise<void> {
  await takeAll(link, 'pong')
  const sent = 20
  for (let id = 1; id <= sent; id += 1) await link.send({ type: 'ping', id })
  const until = performance.now() + 5_000
  const pongs: unknown[] = []
  while (pongs.length < sent && performance.now() < until) {
    const pong = await link.next('pong', { withinMs: until - performance.now() }).catch(() => undefined)
    if (pong !== undefined) pongs.push(pong.json)
  }
  expect('a ping is answered, also one with a member that nobody knows', pongs.length === sent, { expected: `${sent} pongs`, actual: pongs.length })
  const named = pongs.find((pong) => ((pong as { id?: unknown }).id ?? null) !== null)
  expect('a pong has no id', named === undefined, { expected: { type: 'pong' }, actual: named })
}

async function pongAfter(link: TestLink): Promise<number> {
  const at = performance.now()
  await link.send({ type: 'ping' })
  await link.next('pong', { withinMs: 4_000 })
  return performance.now() - at
}

/** What a broken, an old or a rude peer might send. */
function nonsense(word: string): (string | Uint8Array | object)[] {
  return [
    word,
    '{"type":"request","id":1,"pa',
    'null',
    '17',
    '[]',
    '"ping"',
    '{}',
    Uint8Array.of(0xff, 0x00, 0xc3, 0x28),
    { type: 7 },
    { type: null },
    { type: word },
    { type: 'constructor' },
    { type: '__proto__' },
    { type: 'request' },
    { type: 'request', id: { deep: [] }, path: '/about' },
    { type: 'request', id: `${word}-1` },
    { type: 'request', id: `${word}-2`, path: null },
    { type: 'request', id: `${word}-3`, path: 12 },
    { type: 'request', id: `${word}-4`, path: 'about' },
    { type: 'request', id: `${word}-5`, path: '' },
    { type: 'response' },
    { type: 'response', id: word, status: 200, chunk: '', done: true },
    { type: 'response', id: 'constructor', status: 200, chunk: 'AAAA', done: true },
    { type: 'response', id: null, status: 'fine', chunk: 5, done: 'no' },
  ]
}
