import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pLimit from 'p-limit'
import { check, lab } from './harness/lab.ts'
import type { CheckContext, Client, Reply, TestLink, TestPeer } from './harness/lab.ts'
import { browserPeer, findChromium } from './harness/peers/browser/index.ts'
import type { PeerFrame, TestPeerOptions } from './harness/types/index.ts'

lab({ title: 'Two equals', program: 'peer', concurrent: true, copies: 4 })

const MAX_FRAME_BYTES = 16_384
const MIB = 1_048_576
/** Slower than any program cuts an answer into frames, also on a busy machine. */
const THIN_LINE_BYTES_PER_SECOND = 3 * MIB
/**
 * Of an answer of 5.6 MB. The contract lets 1 MiB wait. Below the channel's `bufferedAmount` SCTP itself takes
 * 2 MB, whoever sends, and what it has taken nobody can overtake. The rest is for a ping on its way.
 */
const TOO_MUCH_WAITING_BYTES = 4 * MIB
/** A silent peer is gone after 2 to 3.5 s; the rest is for a busy machine. */
const GONE_WITHIN_MS = 5_500
const LONG_MS = 15_000

check('silent-peer-504', 'A peer that has not answered for 2 s costs its asker a 504, and stays linked while it pings', {
  hints: [
    'A channel does not say that no answer will come. Only a clock of your own can.',
    'See "Is anybody there?".',
    'Give each question a timer that answers 504, as JSON, once 2 s have passed without a chunk. A ping is a sign of life: the link stays.',
  ],
  waits: true,
  withinMs: LONG_MS,
}, async (context) => {
  const { peer } = await guest(context, { name: unique(context, 'mute'), answers: false })
  const { client } = context
  const reply = await client.get(`/peers/${peer.name}/about`, { withinMs: 6_000 })
  reply.hasStatus(504).hasJsonError()
  await isLinked(context, client, peer.name)
})

check('killed-peer-gone', 'A peer whose process was killed is gone from /peers within 3.5 s', {
  hints: [
    'A killed process says no farewell. WebRTC itself notices only after some 17 s, which is why peers ping.',
    'See "Is anybody there?".',
    'Remember for each link when the last frame came, whatever it was, and close a link that has been silent for 2 s.',
  ],
  waits: true,
  withinMs: LONG_MS,
}, async (context) => {
  const { client } = context
  const { peer } = await guest(context, { name: unique(context, 'mayfly'), alone: true })
  await peer.kill()
  context.note(`the process of ${peer.name} is killed`)
  await context.eventually(`GET /peers no longer names ${peer.name}`, GONE_WITHIN_MS, async () => {
    const names = await linkedNames(client)
    context.expect(`${peer.name} is not in the list`, !names.includes(peer.name), { actual: names })
    await context.sleep(50)
  })
  const reply = await client.get(`/peers/${peer.name}/about`)
  reply.hasStatus(404).hasJsonError()
})

check('slow-answer', 'An answer whose chunks come more than 2 s after the question is right, as long as no gap is that long', {
  hints: [
    'The limit of 2 s is on silence, and not on the whole answer: a long answer over a thin line takes its time.',
    'See "Is anybody there?".',
    'Start the timer of a question again with each of its chunks.',
  ],
  waits: true,
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const { peer, link } = await guest(context, { name: unique(context, 'snail'), answers: false })
  const parts = [random.bytes(700), random.bytes(900)]
  const reply = client.get(`/peers/${peer.name}/library/drone`, { withinMs: 8_000 })
  reply.catch(() => undefined)
  const id = (await requestFrame(link, [reply])).json?.id
  await context.sleep(1_030)
  await link.send(response(id, 200, parts[0], false))
  await context.sleep(1_030)
  await link.send(response(id, 200, parts[1], true))
  context.note('the two chunks came 1.03 s and 2.06 s after the question')
  const answer = await reply
  answer.hasStatus(200).hasBytes(Buffer.concat(parts))
})

check('about', 'GET /about answers 200 with the name that NAME gives', {
  hints: [
    'A peer is an HTTP server for its own user, as every program before.',
    'See "The contract".',
    'Read NAME from the environment and answer it as JSON, in a member called `name`.',
  ],
}, async ({ client, meeting, program }) => {
  void program
  const reply = await client.get('/about')
  reply.hasStatus(200).hasContentType('application/json')
  reply.satisfies(`the name is ${meeting.name}`, () => reply.json<{ name?: unknown }>().name === meeting.name, () => reply.text)
})

check('library', 'What a user PUTs under a title comes back byte for byte, whatever its type, and a second PUT replaces it', {
  hints: [
    'A title holds bytes, whatever their Content-Type says, also without one. Read as text, bytes that are not UTF-8 are changed.',
    'See "The contract".',
    'Keep the body as it came, also an empty one, under the decoded title. PUT answers 204 each time.',
  ],
}, async (context) => {
  const { client, random } = context
  const title = encodeURIComponent(`${random.word()}/Ñandú & co?`)
  const first = random.bytes(5_000)
  await put(client, title, first)
  const again = await client.get(`/library/${title}`)
  again.hasStatus(200).hasBytes(first)
  const second = random.bytes(300)
  await put(client, title, second)
  const replaced = await client.get(`/library/${title}`)
  replaced.hasStatus(200).hasBytes(second)
  const untyped = random.bytes(400)
  const types: Record<string, string>[] = [{}, { 'Content-Type': 'audio/ogg' }, { 'Content-Type': 'application/json' }]
  for (const headers of types) {
    const stored = await client.put(`/library/${title}`, { body: untyped, headers })
    stored.hasStatus(204)
    const kept = await client.get(`/library/${title}`)
    kept.hasStatus(200).hasBytes(untyped)
    await put(client, title, second)
  }
  await put(client, title, new Uint8Array(0))
  const emptied = await client.get(`/library/${title}`)
  emptied.hasStatus(200).hasBytes(new Uint8Array(0))
})

check('413', 'A body over 8 MiB is refused with 413, and the title keeps what it had', {
  hints: [
    'A server that keeps all it is sent can be filled up by anyone.',
    'See "The contract".',
    'Count the bytes of the body, stop past 8 MiB, and answer 413 with a JSON error. Larger bodies than your library allows must not be kept.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const title = `big-${random.word()}`
  const kept = long(random.bytes(4_096), 8 * MIB - 100_000)
  await put(client, title, kept)
  const refused = await client.put(`/library/${title}`, { body: long(random.bytes(4_096), 8 * MIB + 100_000), headers: BYTES })
  refused.hasStatus(413).hasJsonError()
  const reply = await client.get(`/library/${title}`)
  reply.hasStatus(200).hasBytes(kept)
})

check('404', 'A peer that is not linked, a title nobody has, and a path that names nothing get 404', {
  hints: [
    'Whoever asks, your user or a peer, "there is no such thing" is 404.',
    'See "The contract".',
    'Answer 404 with a JSON error for peers that are not linked and for unknown titles, and pass on the 404 that another peer answers.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const { peer, link } = await guest(context, { name: unique(context, 'vera') })
  for (const path of [
    `/library/${random.word()}`,
    `/peers/${unique(context, 'nobody')}/about`,
    `/peers/${unique(context, 'nobody')}/library/${random.word()}`,
    `/peers/${peer.name}/library/${random.word()}`,
    `/${random.word()}`,
  ]) {
    const reply = await client.get(path)
    reply.hasStatus(404).hasJsonError()
  }
  for (const path of [`/library/${random.word()}`, `/${random.word()}`]) {
    const { status, body } = await link.ask(path, { withinMs: 5_000 })
    context.expect(`the answer to a request frame for ${path} has status 404`, status === 404, { expected: 404, actual: status })
    context.expect('its body is a JSON error', isJsonError(body), { actual: Buffer.from(body).toString() })
  }
})

check('both-ways', 'The same program asks and answers, whichever side has called', {
  hints: [
    'The one who called is no client, and the one who was called no server: both may ask at any time.',
    'See "One program, two halves".',
    'On every link handle both: request frames that come in, and requests of your own user that go out. A question about a peer goes to that peer.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random, meeting } = context
  const title = `song-${random.word()}`
  const ours = random.bytes(200)
  const theirs = random.bytes(200)
  const mood = random.word()
  await put(client, title, ours)
  const { peer, link } = await guest(context, { name: unique(context, 'ben'), about: { mood }, library: { [title]: theirs } })
  const about = await client.get(`/peers/${peer.name}/about`)
  about.hasStatus(200).hasContentType('application/json').hasJson({ name: peer.name, mood })
  const song = await client.get(`/peers/${peer.name}/library/${title}`)
  song.hasStatus(200).hasBytes(theirs)
  await answersAbout(context, link, meeting.name)
  await answersBytes(context, link, `/library/${title}`, ours)
})

check('start-order-swapped', 'A copy of your program that joins last calls those who were there, and then asks and answers like them', {
  hints: [
    'Who comes last, calls. Your program is the one who was there in most checks, and the newcomer in this one.',
    'See "Who calls whom".',
    'For each peer in the answer to your own joining whom LINK_TO allows, make an initiating peer. Then use its link as any other.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { random } = context
  const title = `tune-${random.word()}`
  const theirs = random.bytes(300)
  const ours = random.bytes(300)
  await hasJoined(context)
  const first = await context.peer({ name: unique(context, 'first'), linkTo: [], library: { [title]: theirs } })
  const second = await context.peer({ name: unique(context, 'unwanted'), linkTo: [] })
  const copy = await context.copy({ name: unique(context, 'last'), env: { LINK_TO: first.name }, own: true })
  await put(copy.client, title, ours)
  const link = await first.link(copy.name)
  await isLinked(context, copy.client, first.name)
  const song = await copy.client.get(`/peers/${first.name}/library/${title}`)
  song.hasStatus(200).hasBytes(theirs)
  await answersAbout(context, link, copy.name)
  await answersBytes(context, link, `/library/${title}`, ours)
  await context.sleep(300)
  const names = await second.linked()
  context.expect(`${copy.name} has not called ${second.name}, whom its LINK_TO does not name`, !names.includes(copy.name), { actual: names })
})

check('only-the-newcomer-calls', 'A newcomer that calls nobody is called by nobody', {
  hints: [
    'If both sides call, two half-made connections meet. One of the two must wait.',
    'See "Who calls whom".',
    'On `joined`, remember the name and wait: the newcomer will call. Make a peer that does not initiate once its first signal comes.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { meeting } = context
  await hasJoined(context)
  const quiet = await context.peer({ name: unique(context, 'shy'), linkTo: [] })
  await guest(context, { name: unique(context, 'bold') })
  await context.sleep(600)
  const names = await quiet.linked()
  context.expect(`${meeting.name} has not called ${quiet.name}`, !names.includes(meeting.name), { actual: `linked with ${names.join(', ')}` })
})

check('interleaved', 'A hundred requests at once, fifty each way, each get their own answer', {
  hints: [
    'Questions of both sides and all their answers share one channel. Only the id says what belongs together.',
    'See "Whose answer is this?".',
    'Keep the open questions by id for each link, and put the id of a request, unchanged, into every response to it.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const titles = [1, 2, 3, 4, 5].map((number) => `${number}-${random.word()}`)
  const ours = titles.map((title) => Buffer.from(`ours: ${title}`))
  const theirs = titles.map((title) => Buffer.from(`theirs: ${title}`))
  const library = Object.fromEntries(titles.map((title, index) => [title, theirs[index] as Uint8Array]))
  const { peer, link } = await guest(context, { name: unique(context, 'chatty'), library })
  await Promise.all(titles.map((title, index) => put(client, title, ours[index] as Uint8Array)))
  const numbers = Array.from({ length: 50 }, (_, index) => index % titles.length)
  const fromPeer = numbers.map((number) => answersBytes(context, link, `/library/${titles[number]}`, ours[number] as Uint8Array))
  const fromUser = numbers.map(async (number) => {
    const reply = await client.get(`/peers/${peer.name}/library/${titles[number]}`)
    reply.hasStatus(200).hasBytes(theirs[number] as Uint8Array)
  })
  await Promise.all([...fromPeer, ...fromUser])
})

check('only-open-links', 'A peer is in /peers once its channel is open, and not while it is still calling', {
  hints: [
    'From the first signal to an open channel is a way on which much can fail. Until then there is nobody to ask.',
    'See "The contract".',
    'Remember of each link whether `connect` or the first data has come, and list and ask only those that are open.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, meeting } = context
  await hasJoined(context)
  // Its packets take so long that the two never come to speak.
  const ghost = await context.peer({ name: unique(context, 'ghost'), linkTo: [meeting.name], bytesPerSecond: 1 })
  await context.sleep(1_000)
  const names = await linkedNames(client)
  context.expect(`${ghost.name}, which has called but is not linked, is not in the list`, !names.includes(ghost.name), { actual: names })
})

check('out-of-order-replies', 'Answers that come in another order than the questions, their chunks mixed, reach those who asked', {
  hints: [
    'The channel keeps the order of frames. It does not make a peer answer in the order it was asked.',
    'See "Whose answer is this?".',
    'Find the question by the id in the response, and gather the chunks of each question by itself.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const { peer, link } = await guest(context, { name: unique(context, 'juggler'), answers: false })
  const titles = [1, 2, 3].map((number) => `${number}-${random.word()}`)
  const bodies = titles.map(() => [random.bytes(50), random.bytes(60)] as const)
  const replies = titles.map((title) => client.get(`/peers/${peer.name}/library/${title}`))
  for (const reply of replies) reply.catch(() => undefined)
  const ids = new Map<string, unknown>()
  for (const _ of titles) {
    const { json } = await requestFrame(link, replies)
    ids.set(String(json?.path), json?.id)
  }
  const order = titles
    .map((title, index) => ({ id: ids.get(`/library/${title}`), parts: bodies[index] as readonly Uint8Array[] }))
    .reverse()
  for (const { id, parts } of order) await link.send(response(id, 200, parts[0], false))
  for (const { id, parts } of order) await link.send(response(id, 200, parts[1], true))
  context.note('the last question was answered first')
  for (const [index, reply] of (await Promise.all(replies)).entries()) {
    reply.hasStatus(200).hasBytes(Buffer.concat(bodies[index] as readonly Uint8Array[]))
  }
})

check('ids-echoed', 'A response carries the id of its request as it came, a text as a text and a number as a number', {
  hints: [
    'The id belongs to the one who asks: only they know what it means.',
    'See "Whose answer is this?".',
    'Copy `id` from the request frame into each response frame, without converting it.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { meeting, random } = context
  const { link } = await guest(context, { name: unique(context, 'ida') })
  for (const id of [random.integer(1_000, 9_999), String(random.integer(1_000, 9_999)), `${random.word()} "ñ"`]) {
    await link.send({ type: 'request', id, path: '/about' })
    let frame: PeerFrame
    do {
      frame = await link.next('response', { withinMs: 5_000 })
      context.expect(`${meeting.name} answers the request with id ${JSON.stringify(id)} under that id`, frame.json?.id === id, { expected: id, actual: frame.json?.id })
    } while (frame.json?.done !== true)
  }
})

check('encoded-path', 'The path in a request frame is an encoded URL path, going out and coming in', {
  hints: [
    'A title may hold a slash, a space, a question mark. In a path they are escapes, on a channel as in HTTP.',
    'See "Four frames".',
    'Send the path encoded as your user sent it, or encode the title again. Decode what comes in once, after taking the path apart.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const title = `${random.word()}/50% ñ?`
  const path = `/library/${encodeURIComponent(title)}`
  const theirs = random.bytes(80)
  const ours = random.bytes(80)
  const { peer, link } = await guest(context, { name: unique(context, 'percy'), library: { [title]: theirs } })
  const reply = await client.get(`/peers/${peer.name}${path}`)
  reply.hasStatus(200).hasBytes(theirs)
  await put(client, encodeURIComponent(title), ours)
  await answersBytes(context, link, path, ours)
})

check('empty-body', 'An empty title is answered by one response frame with an empty chunk', {
  hints: [
    'A loop over the bytes of an empty body runs not once, and then the asker waits for nothing.',
    'See "Chunks of a frame".',
    'Send at least one response frame, `"done": true` in the last, also when there is no byte to send.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const title = `blank-${random.word()}`
  await put(client, title, new Uint8Array(0))
  const { peer, link } = await guest(context, { name: unique(context, 'nil'), library: { [title]: new Uint8Array(0) } })
  const { status, body, frames } = await link.ask(`/library/${title}`, { withinMs: 5_000 })
  context.expect('the answer has status 200 and no bytes', status === 200 && body.length === 0, { actual: { status, bytes: body.length } })
  context.expect('it is one frame', frames === 1, { expected: 1, actual: frames })
  const reply = await client.get(`/peers/${peer.name}/library/${title}`)
  reply.hasStatus(200).hasBytes(new Uint8Array(0))
})

check('1-MiB-hash-equal', 'A file of 1 MiB arrives whole and unchanged, both ways at the same time', {
  hints: [
    'A long answer is many frames, and a frame that is lost or doubled or in the wrong place changes the file.',
    'See "Chunks of a frame".',
    'Cut the bytes first and turn each piece into base64 by itself. Join decoded pieces, not texts, until `done`.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const title = `album-${random.word()}`
  const theirs = long(random.bytes(3_001), MIB)
  const ours = long(random.bytes(3_001), MIB)
  const { peer, link } = await guest(context, { name: unique(context, 'hugo'), library: { [title]: theirs } })
  await put(client, title, ours)
  const outgoing = answersBytes(context, link, `/library/${title}`, ours, 10_000)
  const reply = await client.get(`/peers/${peer.name}/library/${title}`, { withinMs: 10_000 })
  reply.hasStatus(200).hasBytes(theirs)
  await outgoing
})

check('frames-within-16-KiB', 'Frames are text, and none is longer than 16,384 bytes, base64 and all', {
  hints: [
    'Implementations agree on messages of up to 16 KiB only. Base64 makes four characters of three bytes, and the frame around them counts too.',
    'See "Chunks of a frame".',
    'Take fewer bytes for a chunk: what is left of 16,384 after the other members, times three quarters. Give `send` a string: a Buffer makes a binary frame.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, random } = context
  const title = `single-${random.word()}`
  await put(client, title, long(random.bytes(2_001), 70_000))
  const { link } = await guest(context, { name: unique(context, 'ruler') })
  const { largestFrame, binaryFrames } = await link.ask(`/library/${title}`, { withinMs: 5_000 })
  context.expect('the longest frame of the answer has at most 16,384 bytes', largestFrame <= MAX_FRAME_BYTES, { expected: `at most ${MAX_FRAME_BYTES}`, actual: largestFrame })
  context.expect('every frame is text', binaryFrames === 0, { expected: 'text, as send(string) makes it', actual: `${binaryFrames} binary` })
})

check('back-pressure', 'In the middle of a long answer at most a little waits on the link: a ping is answered soon', {
  hints: [
    '`send()` never blocks and never refuses. What the link cannot carry yet, waits in memory, and everything sent later waits behind it.',
    'See "Send no faster than it drains".',
    'Before each response frame, wait until `bufferSize` (the channel\'s `bufferedAmount`) is below 64 KiB. Send pongs without waiting.',
  ],
  withinMs: 25_000,
  waits: true,
}, async (context) => {
  const { client, random } = context
  const title = `opera-${random.word()}`
  const { link } = await guest(context, { name: unique(context, 'patient'), bytesPerSecond: THIN_LINE_BYTES_PER_SECOND })
  await put(client, title, long(random.bytes(4_001), 4 * MIB))
  context.note('the line between the two carries 3 MiB a second')
  const probe = async (): Promise<number> => (await link.probeQueue(`/library/${title}`, { withinMs: 10_000 })).waitingBytes
  let waitingBytes = await probe()
  // On a machine too busy to fill even this line nothing waits, and a pong comes late for want of a processor.
  if (waitingBytes > TOO_MUCH_WAITING_BYTES) waitingBytes = await probe()
  context.expect('what comes between a ping, sent when the answer has begun, and its pong is far less than the whole', waitingBytes <= TOO_MUCH_WAITING_BYTES, {
    expected: 'about 2 MiB, most of it in SCTP, and certainly less than 4 MiB of an answer of 5.6 MB in base64',
    actual: `${(waitingBytes / MIB).toFixed(2)} MiB`,
  })
})

check('ping-pong', 'Your program pings its peers by itself and answers their pings', {
  hints: [
    'A link on which nothing is said cannot be told from a dead one.',
    'See "Is anybody there?".',
    'Send `{"type":"ping"}` on every open link about twice a second, and answer each ping with a pong at once.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { link } = await guest(context, { name: unique(context, 'pia') })
  await link.send({ type: 'ping' })
  await link.next('pong', { withinMs: 4_000 })
  context.note('a pong came')
  await link.next('ping', { withinMs: 4_000 })
  context.note('a ping came by itself')
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
  const reply = client.get(`/peers/${asked.peer.name}/library/truth`)
  reply.catch(() => undefined)
  const id = (await requestFrame(asked.link, [reply])).json?.id
  await other.link.send(response(id, 200, random.bytes(60), true))
  // Frames keep their order: once this is answered, the one before it has been dealt with.
  await answersAbout(context, other.link, context.meeting.name)
  context.note(`${other.peer.name} answered a question that ${asked.peer.name} was asked`)
  await asked.link.send(response(id, 200, right, true))
  const answer = await reply
  answer.hasStatus(200).hasBytes(right)
})

check('three-peers', 'Three peers are linked with each other, and each question reaches the one it names', {
  hints: [
    'With two links, "the other side" is no longer one. Everything that belongs to a link needs a place of its own.',
    'See "Who calls whom".',
    'Keep a map of links by peer id, take the name from the room, and look the link up by the name in the path.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { client, meeting } = context
  await hasJoined(context)
  const ben = await context.copy({ name: unique(context, 'third'), env: { LINK_TO: meeting.name }, own: true })
  await isLinked(context, client, ben.name)
  const { peer, link } = await guest(context, { name: unique(context, 'second'), linkTo: [meeting.name, ben.name] })
  const toBen = await peer.link(ben.name)
  await isLinked(context, ben.client, peer.name)
  await isLinked(context, ben.client, meeting.name)
  for (const [asker, name] of [[client, ben.name], [client, peer.name], [ben.client, meeting.name], [ben.client, peer.name]] as const) {
    const reply = await asker.get(`/peers/${name}/about`)
    reply.hasStatus(200).satisfies(`it is ${name} who answers`, () => reply.json<{ name?: unknown }>().name === name, () => reply.text)
  }
  await answersAbout(context, link, meeting.name)
  await answersAbout(context, toBen, ben.name)
})

check('signalling-gone', 'When the meeting point has gone, peers that are linked go on', {
  hints: [
    'The meeting point introduces peers and then is out of the way: nothing that they say to each other passes it.',
    'See "The meeting point has done its work".',
    'Let no error of the meeting point escape, neither of the inbox nor of a signal, and close no link because the inbox closed.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const { random } = context
  const point = await context.meetingPoint()
  const room = `attic-${random.word()}`
  const copy = await context.copy({ name: unique(context, 'stayer'), env: { SIGNAL_URL: point.url, ROOM: room }, own: true })
  await context.eventually(`${copy.name} has joined the room`, 8_000, () => {
    context.expect(`the meeting point knows ${copy.name}`, point.names(room).includes(copy.name), { actual: point.names(room) })
  })
  const peer = await context.peer({ name: unique(context, 'friend'), signalUrl: point.url, room })
  const link = await peer.link(copy.name)
  await isLinked(context, copy.client, peer.name)
  await point.close()
  context.note('the meeting point is gone')
  await context.sleep(400)
  await answersAbout(context, link, copy.name)
  const reply = await copy.client.get(`/peers/${peer.name}/about`)
  reply.hasStatus(200).hasJson({ name: peer.name })
})

check('keeps-trying-to-join', 'A program whose meeting point is not up yet, or whose name is not yet free, tries again', {
  hints: [
    'Programs of one network start in any order, and one that comes back finds its old name taken until the meeting point has noticed.',
    'See "Who calls whom".',
    'Listen on PORT first. Join in a loop that catches every error, waits for less than a second and tries again, until it is answered 201.',
  ],
  withinMs: LONG_MS,
}, async (context) => {
  const point = await reluctantMeetingPoint(context)
  const copy = await context.copy({ name: unique(context, 'keen'), env: { SIGNAL_URL: point.url, ROOM: 'porch' }, own: true })
  await context.eventually(`${copy.name} has tried to join three times and then opened its inbox`, 8_000, () => {
    context.expect('the third POST and the inbox came', point.joins() >= 3 && point.inboxes() > 0, {
      expected: 'POST (no answer), POST (409), POST (201), GET inbox',
      actual: `${point.joins()} × POST, ${point.inboxes()} × GET inbox`,
    })
  })
})

check('browser-peer', 'A page in Chromium, with the browser\'s own RTCPeerConnection, is a peer like any other', {
  hints: [
    'WebRTC is a standard: your program meets peers of other makes, which know nothing of simple-peer.',
    'See "A peer of another make".',
    'Keep to the contract on the wire: text frames, signals as simple-peer makes them, pongs, frames of at most 16 KiB.',
  ],
  withinMs: 25_000,
}, async (context) => {
  if (findChromium() === null) context.skip('no Chromium was found on this machine (CHROMIUM_PATH can name one).')
  void context.program
  const { client, meeting, random } = context
  const title = `clip-${random.word()}`
  const ours = long(random.bytes(2_001), 100_000)
  const theirs = long(random.bytes(2_001), 100_000)
  await put(client, title, ours)
  const name = unique(context, 'page')
  const signalUrl = meeting.point.straightUrl
  const page = await browserPeer({ signalUrl, room: meeting.room, name, callee: meeting.name, library: { [title]: theirs } })
  context.onEnd(() => page.close())
  context.note(`a page in Chromium, named ${name}, has linked with ${meeting.name}`)
  await isLinked(context, client, name)
  const answer = await page.ask(`/library/${title}`)
  context.expect('the page got the file', answer.status === 200 && Buffer.from(answer.body).equals(Buffer.from(ours)), { actual: `status ${answer.status}, ${answer.body.length} bytes` })
  const about = await client.get(`/peers/${name}/about`)
  about.hasStatus(200).hasJson({ name })
  const reply = await client.get(`/peers/${name}/library/${title}`)
  reply.hasStatus(200).hasBytes(theirs)
})

// ---------------------------------------------------------------- Helpers

const BYTES = { 'Content-Type': 'application/octet-stream' }

interface Guest {
  peer: TestPeer
  link: TestLink
}

/** A peer that joins last and so calls the learner's program; resolves once both sides say that they are linked. */
async function guest(context: CheckContext, options: TestPeerOptions): Promise<Guest> {
  const { meeting, client } = context
  await hasJoined(context)
  return dialling(async () => {
    const peer = await context.peer({ linkTo: [meeting.name], ...options })
    const link = await peer.link(meeting.name, { withinMs: 8_000 })
    await isLinked(context, client, peer.name)
    return { peer, link }
  })
}

/**
 * So many guests dial at once and no more: all checks begin together, and a score of connections that
 * are set up in one process in the same moment sometimes crashes wrtc, through no fault of the program.
 */
const dialling = pLimit(4)

/** Waits until the learner's program is in the room: a program is ready before it has joined, and who joins last calls. */
async function hasJoined({ eventually, expect, meeting, program }: CheckContext): Promise<void> {
  // A program at an address cannot be in this run's room; asking for it skips the check.
  void program
  await eventually(`${meeting.name} is in the room`, 10_000, () => {
    const names = meeting.point.names(meeting.room)
    expect(`the meeting point knows ${meeting.name}`, names.includes(meeting.name), { actual: names })
  })
}

/** All checks share a room: a name of this check alone. */
function unique({ random }: CheckContext, name: string): string {
  return `${name}-${random.word()}`
}

async function linkedNames(client: Client): Promise<unknown[]> {
  const reply = await client.get('/peers')
  const peers = reply.hasStatus(200).json<{ id?: unknown; name?: unknown }[]>()
  reply.satisfies('the body is an array of {id, name}', () => Array.isArray(peers) && peers.every((peer) => typeof peer?.id === 'string' && typeof peer.name === 'string'), () => reply.text)
  return peers.map((peer) => peer.name)
}

async function isLinked(context: CheckContext, client: Client, name: string): Promise<void> {
  await context.eventually(`GET /peers names ${name}`, 8_000, async () => {
    const names = await linkedNames(client)
    context.expect(`${name} is in the list`, names.includes(name), { actual: names })
  })
}

async function put(client: Client, encodedTitle: string, body: Uint8Array): Promise<void> {
  const reply = await client.put(`/library/${encodedTitle}`, { body, headers: BYTES })
  reply.satisfies(`${body.length} bytes are taken (a body parser has a limit of its own, in Express 100 kB)`, () => reply.status !== 413, () => 413)
  reply.hasStatus(204)
}

async function answersAbout(context: CheckContext, link: TestLink, name: string): Promise<void> {
  const { status, body } = await link.ask('/about', { withinMs: 5_000 })
  const text = Buffer.from(body).toString()
  context.expect(`${name} answers a request frame for /about with 200 and its name`, status === 200 && nameIn(text) === name, {
    expected: { status: 200, body: `{"name":"${name}"}` },
    actual: { status, body: text },
  })
}

async function answersBytes(context: CheckContext, link: TestLink, path: string, bytes: Uint8Array, withinMs = 5_000): Promise<void> {
  const { status, body } = await link.ask(path, { withinMs })
  context.expect(`a request frame for ${path} is answered with 200 and the right ${bytes.length} bytes`, status === 200 && Buffer.from(body).equals(Buffer.from(bytes)), {
    expected: `status 200, ${bytes.length} bytes: ${glimpse(bytes)}`,
    actual: `status ${status}, ${body.length} bytes: ${glimpse(body)}`,
  })
}

function glimpse(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes.subarray(0, 60)).toString('latin1'))
}

/** The next request frame. A program that refuses the user's request instead fails at once, and with that answer. */
async function requestFrame(link: TestLink, replies: readonly Promise<Reply>[]): Promise<PeerFrame> {
  const frame = link.next('request', { withinMs: 5_000 })
  frame.catch(() => undefined)
  const refused = replies.map(async (reply) => {
    (await reply).hasStatus(200)
    return frame
  })
  return Promise.race([frame, ...refused])
}

function response(id: unknown, status: number, bytes: Uint8Array | undefined, done: boolean): object {
  return { type: 'response', id, status, chunk: Buffer.from(bytes ?? []).toString('base64'), done }
}

function nameIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { name?: unknown } | null)?.name
  } catch {
    return undefined
  }
}

function isJsonError(body: Uint8Array): boolean {
  try {
    const { error } = JSON.parse(Buffer.from(body).toString()) as { error?: unknown }
    return typeof error === 'string' && error !== ''
  } catch {
    return false
  }
}

/** Many bytes of few: blocks of the seed, each begun with its number, so that no two are alike. */
function long(seed: Uint8Array, length: number): Uint8Array {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at += seed.length) bytes.set(seed.subarray(0, length - at), at)
  for (let at = 0; at + 4 <= length; at += seed.length) bytes.writeUInt32BE(at, at)
  return bytes
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

interface ReluctantPoint {
  url: string
  joins(): number
  inboxes(): number
}

/** A meeting point that is not there at first, then has the name taken, and only then lets somebody in. */
async function reluctantMeetingPoint({ onEnd, random }: CheckContext): Promise<ReluctantPoint> {
  let joins = 0
  let inboxes = 0
  const server = createServer((request, answer) => {
    request.resume()
    if (request.method === 'GET') {
      inboxes += 1
      answer.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    } else if (request.method === 'POST') {
      joins += 1
      if (joins === 1) return void request.socket.destroy()
      const id = random.word()
      const body = joins === 2 ? { error: 'This name is taken' } : { id, token: random.word(), peers: [] }
      answer.writeHead(joins === 2 ? 409 : 201, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    } else answer.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onEnd(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, joins: () => joins, inboxes: () => inboxes }
}
