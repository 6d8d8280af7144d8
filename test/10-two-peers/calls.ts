import { check } from '../harness/lab.ts'
import { answersAbout, answersBytes, FAR_ID } from './frames.ts'
import { guest, hasJoined, isLinked, linkedNames, LONG_MS, put, unique } from './guests.ts'

/** Who calls whom, and both ask once the line stands. */
export function calls(): void {
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
      'For each peer in the answer to your own joining, make an initiating peer: for all of them when LINK_TO is empty. Then use its link as any other.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { random } = context
    const title = `tune-${random.word()}`
    const theirs = random.bytes(300)
    const ours = random.bytes(300)
    const point = await context.meetingPoint()
    const there = { signalUrl: point.url, room: `pier-${random.word()}`, linkTo: [] }
    const first = await context.peer({ ...there, name: unique(context, 'first'), library: { [title]: theirs } })
    const second = await context.peer({ ...there, name: unique(context, 'second') })
    context.note('LINK_TO is empty: the newcomer calls everyone')
    const copy = await context.copy({ name: unique(context, 'last'), env: { SIGNAL_URL: point.url, ROOM: there.room }, own: true })
    await put(copy.client, title, ours)
    const link = await first.link(copy.name)
    await isLinked(context, copy.client, first.name)
    await isLinked(context, copy.client, second.name)
    const song = await copy.client.get(`/peers/${first.name}/library/${title}`)
    song.hasStatus(200).hasBytes(theirs)
    await answersAbout(context, link, copy.name)
    await answersBytes(context, link, `/library/${title}`, ours)
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
    const fromPeer = numbers.map((number, place) => (
      answersBytes(context, link, `/library/${titles[number]}`, ours[number] as Uint8Array, { id: FAR_ID + place })
    ))
    const fromUser = numbers.map(async (number) => {
      const reply = await client.get(`/peers/${peer.name}/library/${titles[number]}`)
      reply.hasStatus(200).hasBytes(theirs[number] as Uint8Array)
    })
    await Promise.all([...fromPeer, ...fromUser])
  })

  check('only-open-links', 'A peer is in /peers once its channel is open; while it is still calling, a question for it is refused', {
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
    // Whether nobody of that name is linked, or somebody does not answer: it is no failure of the program.
    const asked = await client.get(`/peers/${ghost.name}/about`)
    asked.hasStatus([404, 502, 504]).hasJsonError()
  })
}
