import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { check } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { browserPeer, findChromium } from '../harness/peers/browser/index.ts'
import { answersAbout, long } from './frames.ts'
import { guest, hasJoined, isLinked, LONG_MS, put, shortestGap, unique } from './guests.ts'

/** More than two, no meeting point, and a browser. */
export function network(): void {
  check('three-peers', 'Three peers are linked with each other, and each question reaches the one it names', {
    hints: [
      'With two links, "the other side" is no longer one. Everything that belongs to a link needs a place of its own.',
      'See "Who calls whom".',
      'Keep a map of links by peer id, take the name from the room, and look the link up by the name in the path. LINK_TO is a list: call whose whole name is in it.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, meeting } = context
    await hasJoined(context)
    // A name within another name is a name of its own.
    const shy = await context.peer({ name: meeting.name.slice(0, -1), linkTo: [] })
    const ben = await context.copy({ name: unique(context, 'third'), env: { LINK_TO: `nobody,${meeting.name}` }, own: true })
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
    const names = await shy.linked()
    context.expect(`${ben.name} has not called ${shy.name}, whom its LINK_TO does not name`, !names.includes(ben.name), { actual: names })
  })

  check('signalling-gone', 'When the meeting point has gone, peers that are linked go on', {
    hints: [
      'The meeting point introduces peers and then is out of the way: nothing that they say to each other passes it.',
      'See "The meeting point has done its work".',
      'Let no error of the meeting point escape, neither of the inbox nor of a signal, and close no link because the inbox closed. Are they never linked? An event may come in pieces: keep what is not complete.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { random } = context
    const point = await context.meetingPoint({ splitsEvents: true })
    const room = `attic-${random.word()}`
    const copy = await context.copy({ name: unique(context, 'stayer'), env: { SIGNAL_URL: point.url, ROOM: room }, own: true })
    await context.eventually(`${copy.name} has joined the room`, 8_000, () => {
      context.expect(`the meeting point knows ${copy.name}`, point.names(room).includes(copy.name), { actual: point.names(room) })
    })
    const peer = await context.peer({ name: unique(context, 'fränd'), signalUrl: point.url, room })
    const link = await peer.link(copy.name)
    await isLinked(context, copy.client, peer.name)
    await point.close()
    context.note('the meeting point is gone')
    await context.sleep(400)
    await answersAbout(context, link, copy.name)
    const reply = await copy.client.get(`/peers/${encodeURIComponent(peer.name)}/about`)
    reply.hasStatus(200).hasJson({ name: peer.name })
  })

  check('keeps-trying-to-join', 'A program whose meeting point is not up yet, or whose name is not yet free, tries again', {
    hints: [
      'Programs of one network start in any order, and one that comes back finds its old name taken until the meeting point has noticed.',
      'See "Who calls whom".',
      'Listen on PORT first. Join in a loop that catches every error, waits for less than a second and tries again, until it is answered 201. Open the inbox in a loop of its own: a dropped one is opened again.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const point = await reluctantMeetingPoint(context)
    const copy = await context.copy({ name: unique(context, 'keen'), env: { SIGNAL_URL: point.url, ROOM: 'porch' }, own: true })
    await context.eventually(`${copy.name} has joined, opened its inbox, and opened it again after it was dropped`, 12_000, () => {
      context.expect('it tries until it is let in', point.isSettled(), {
        expected: 'POST (no answer), POST (409), POST (201), GET inbox (dropped after 50 ms), GET inbox',
        actual: `${point.joins()} × POST, ${point.inboxes()} × GET inbox`,
      })
    })
    context.expect('it waits a little before each attempt', Math.max(point.joins(), point.inboxes()) <= MAX_ATTEMPTS, {
      expected: '50 ms or more before each', actual: `${point.joins()} × POST, ${point.inboxes()} × GET inbox`,
    })
    context.expect('it asks for the same name each time', point.names().every((name) => name === copy.name), { expected: copy.name, actual: point.names() })
    const waited = point.shortestWait()
    context.expect('it tries at least once a second', waited < 2_000, { expected: 'less than 1,000 ms between two attempts', actual: `${Math.round(waited)} ms` })
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
}

/** So long nobody is let in, and so often somebody asks at most who waits 50 ms between two attempts. */
const CLOSED_MS = 1_000
const MAX_ATTEMPTS = 30

interface ReluctantPoint {
  url: string
  joins(): number
  inboxes(): number
  /** What those who tried to join have called themselves. */
  names(): unknown[]
  /** True once an inbox is open that will not be dropped. */
  isSettled(): boolean
  /** Between two attempts to join, in milliseconds. */
  shortestWait(): number
}

/** A meeting point that is not there at first, then has the name taken for a while, and drops the first inbox and all that come soon after. */
async function reluctantMeetingPoint({ onEnd, random }: CheckContext): Promise<ReluctantPoint> {
  const joinsAt: number[] = []
  const inboxesAt: number[] = []
  const names: unknown[] = []
  let isSettled = false
  const isOver = (since: number | undefined): boolean => since !== undefined && performance.now() - since > CLOSED_MS
  const server = createServer((request, answer) => {
    if (request.method === 'POST') void json(request).then((body) => names.push((body as { name?: unknown }).name)).catch(() => undefined)
    else request.resume()
    if (request.method === 'GET') {
      isSettled = isOver(inboxesAt[0])
      inboxesAt.push(performance.now())
      if (!isSettled && inboxesAt.length > 1) return void request.socket.destroy()
      answer.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
      if (!isSettled) setTimeout(() => answer.destroy(), 50)
    } else if (request.method === 'POST') {
      joinsAt.push(performance.now())
      if (joinsAt.length === 1) return void request.socket.destroy()
      const isIn = isOver(joinsAt[1])
      const body = isIn ? { id: random.word(), token: random.word(), peers: [] } : { error: 'This name is taken' }
      answer.writeHead(isIn ? 201 : 409, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    } else answer.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onEnd(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    joins: () => joinsAt.length, inboxes: () => inboxesAt.length, names: () => names,
    isSettled: () => isSettled, shortestWait: () => shortestGap(joinsAt),
  }
}
