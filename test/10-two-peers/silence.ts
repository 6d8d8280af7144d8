import { check } from '../harness/lab.ts'
import { requestFrame, response } from './frames.ts'
import { guest, isLinked, linkedNames, LONG_MS, unique } from './guests.ts'

/** A silent peer is gone after 2 to 3.5 s; the rest is for a busy machine. */
const GONE_WITHIN_MS = 5_500

/** Peers that say nothing, are gone, or take their time. */
export function silence(): void {
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
}
