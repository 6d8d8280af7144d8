import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { check } from '../harness/lab.ts'
import type { CheckContext, Client } from '../harness/lab.ts'
import { answersAbout } from './frames.ts'
import { guest, LONG_MS, unique } from './guests.ts'

/** Long enough for the program to hear of it. */
const HEARD_MS = 300

/** A room and a channel are two things. */
export function comingBack(): void {
  check('comes-back', 'A peer that has left the room is asked as long as its channel stands; one that comes back under its name is linked, too', {
    hints: [
      'A room and a channel are two things: somebody may have left the one while the other stands, and then come back as a newcomer.',
      'See "The meeting point has done its work".',
      'Let `left` end no link. Keep links by peer id, take the call of every newcomer, and forget a link when that one closes.',
    ],
    withinMs: LONG_MS,
    waits: true,
  }, async (context) => {
    const { client, meeting, random } = context
    const name = unique(context, 'salmon')
    const way = await wayTo(context, meeting.point.straightUrl)
    const first = await guest(context, { name, signalUrl: way.url, room: meeting.room })
    way.cut()
    await hasLeft(context, name)
    await answersAbout(context, first.link, meeting.name)
    const about = { mood: random.word() }
    const second = await guest(context, { name, about })
    await isListed(context, client, second.peer.id, true)
    context.note(`${name} has come back, and ends its old link`)
    await first.peer.leave()
    await context.sleep(HEARD_MS)
    await isListed(context, client, first.peer.id, false)
    await isListed(context, client, second.peer.id, true)
    const reply = await client.get(`/peers/${name}/about`)
    reply.hasStatus(200).hasJson({ name, ...about })
  })
}

async function hasLeft({ eventually, expect, meeting, note, sleep }: CheckContext, name: string): Promise<void> {
  await eventually(`${name} has left the room`, 8_000, () => {
    const names = meeting.point.names(meeting.room)
    expect(`the meeting point no longer knows ${name}`, !names.includes(name), { actual: names })
  })
  await sleep(HEARD_MS)
  note(`the meeting point has said \`left\` of ${name}, whose channel stands`)
}

async function isListed({ eventually, expect }: CheckContext, client: Client, id: string, isThere: boolean): Promise<void> {
  const what = `the peer with the id ${id} is ${isThere ? '' : 'not '}in the list`
  await eventually(`GET /peers tells that ${what}`, 5_500, async () => {
    const reply = await client.get('/peers')
    const peers = reply.hasStatus(200).json<{ id?: unknown }[]>()
    expect(what, peers.some((peer) => peer.id === id) === isThere, { actual: peers })
  })
}

interface Way {
  url: string
  cut: () => void
}

/** A way to the meeting point that can be cut: whoever came by it has then soon left the room, and its channels stand. */
async function wayTo({ onEnd }: CheckContext, url: string): Promise<Way> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) sockets.add(socket.once('close', () => sockets.delete(socket)))
    pipeline(near, far, () => undefined)
    pipeline(far, near, () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  onEnd(cut)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut }
}
