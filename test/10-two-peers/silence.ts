import { check } from '../harness/lab.ts'
import type { CheckContext, Client } from '../harness/lab.ts'
import { openQuestion, response } from './frames.ts'
import { guest, hasJoined, inTurn, isLinked, linkedNames, LONG_MS, unique } from './guests.ts'

/** A silent peer is gone after 2 to 3.5 s; the rest is for a busy machine. */
const GONE_WITHIN_MS = 5_500

/** A 504 comes after 2 s. It is asked for twice, since a machine may be busy once. */
const LATE_504_MS = 4_000

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
    let ms = Infinity
    for (let tries = 0; tries < 2 && ms > LATE_504_MS; tries += 1) {
      const askedAt = performance.now()
      const reply = await client.get(`/peers/${peer.name}/about`, { withinMs: 6_000 })
      ms = performance.now() - askedAt
      reply.hasStatus(504).hasJsonError()
    }
    context.expect('the 504 comes after 2 s', ms <= LATE_504_MS, { expected: 'about 2,000 ms', actual: `${Math.round(ms)} ms` })
    await isLinked(context, client, peer.name)
  })

  check('killed-peer-gone', 'A peer whose process was killed, or that never says a word, is gone from /peers within 3.5 s', {
    hints: [
      'A killed process says no farewell. WebRTC itself notices only after some 17 s, which is why peers ping.',
      'See "Is anybody there?".',
      'Remember for each link when the last frame came, whatever it was, and close a link that has been silent for 2 s. The clock starts when the channel opens.',
    ],
    waits: true,
    withinMs: LONG_MS,
  }, async (context) => {
    await Promise.all([isKilled(context), saysNothing(context)])
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
    const { reply, id } = await openQuestion(client, link, `/peers/${peer.name}/library/drone`, { withinMs: 8_000 })
    await context.sleep(1_030)
    await link.send(response(id, 200, parts[0], false))
    await context.sleep(1_030)
    await link.send(response(id, 200, parts[1], true))
    context.note('the two chunks came 1.03 s and 2.06 s after the question')
    const answer = await reply
    answer.hasStatus(200).hasBytes(Buffer.concat(parts))
  })

  check('unfinished-answer', 'An answer that stops in the middle is a 504, and never a shorter body', {
    hints: [
      'A chunk is a promise of more until one is `done`. Only a clock can tell that nothing more will come.',
      'See "Is anybody there?".',
      'Start the timer of a question again with each chunk of that question, and of no other. When it is up, answer 504 and throw away the chunks you have.',
    ],
    waits: true,
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, random } = context
    const { peer, link } = await guest(context, { name: unique(context, 'half'), answers: false })
    const stuck = await openQuestion(client, link, `/peers/${peer.name}/library/stuck`, { withinMs: 8_000 })
    const other = await openQuestion(client, link, `/peers/${peer.name}/library/other`, { withinMs: 12_000 })
    await link.send(response(stuck.id, 200, random.bytes(500), false))
    context.note('the first chunk of one answer came, and no other; the answer to another question goes on')
    const parts: Uint8Array[] = []
    let isSettled = false
    const settled = stuck.reply.finally(() => (isSettled = true))
    settled.catch(() => undefined)
    while (!isSettled) {
      parts.push(random.bytes(20))
      await link.send(response(other.id, 200, parts.at(-1), false))
      await context.sleep(300)
    }
    const refused = await stuck.reply
    refused.hasStatus(504).hasJsonError()
    // The other question came a moment later: a clock that runs from the question on is up by now, too.
    await context.sleep(300)
    await link.send(response(other.id, 200, new Uint8Array(0), true))
    const answer = await other.reply
    answer.hasStatus(200).hasBytes(Buffer.concat(parts))
  })

  check('vanishes-while-asked', 'When a peer leaves in the middle of its answer, the question is refused, and not answered with half', {
    hints: [
      'When a link closes, its open questions stay behind, and somebody waits for each.',
      'See "The contract".',
      'On `close` of a link, answer each of its open questions with 504 and a JSON error, whatever chunks have come.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, random } = context
    const { peer, link } = await guest(context, { name: unique(context, 'cinderella'), answers: false })
    const { reply, id } = await openQuestion(client, link, `/peers/${peer.name}/library/waltz`, { withinMs: 8_000 })
    await link.send(response(id, 200, random.bytes(600), false))
    await link.send({ type: 'ping' })
    await link.next('pong', { withinMs: 5_000 })
    await peer.leave()
    context.note(`${peer.name} left after the first chunk of its answer`)
    const answer = await reply
    answer.satisfies('the status is 504 (or 404, or 502)', () => [504, 404, 502].includes(answer.status), () => answer.status)
    answer.hasJsonError()
  })

  check('any-frame-is-a-sign-of-life', 'A peer from which other frames come than pings and pongs is not silent', {
    hints: [
      'Whoever sends anything is alive. A pong may be late, because a long answer is before it.',
      'See "Is anybody there?".',
      'Set the clock of a link back with every frame that comes in, before you look at its type.',
    ],
    waits: true,
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, random } = context
    const { peer, link } = await guest(context, { name: unique(context, 'rambler') })
    await peer.behave({ talks: false })
    for (let sent = 0; sent < 18; sent += 1) {
      await link.send(response(random.word(), 200, random.bytes(20), true))
      await context.sleep(200)
    }
    context.note('for 3.6 s late answers came, and neither ping nor pong')
    const names = await linkedNames(client)
    context.expect(`${peer.name} is in the list`, names.includes(peer.name), { actual: names })
  })
}

async function isKilled(context: CheckContext): Promise<void> {
  const { client } = context
  const { peer } = await guest(context, { name: unique(context, 'mayfly'), alone: true })
  await peer.kill()
  context.note(`the process of ${peer.name} is killed`)
  await isUnlisted(context, client, peer.name)
  const reply = await client.get(`/peers/${peer.name}/about`)
  reply.hasStatus(404).hasJsonError()
}

async function saysNothing(context: CheckContext): Promise<void> {
  const { client, meeting } = context
  await hasJoined(context)
  const name = unique(context, 'stone')
  const link = await inTurn(context, async () => {
    const peer = await context.peer({ name, linkTo: [meeting.name], talks: false })
    return peer.link(meeting.name, { withinMs: 8_000 })
  })
  await link.closed({ withinMs: GONE_WITHIN_MS })
  context.note(`the link of ${name}, which has sent no frame, is closed`)
  await isUnlisted(context, client, name)
}

async function isUnlisted(context: CheckContext, client: Client, name: string): Promise<void> {
  await context.eventually(`GET /peers no longer names ${name}`, GONE_WITHIN_MS, async () => {
    const names = await linkedNames(client)
    context.expect(`${name} is not in the list`, !names.includes(name), { actual: names })
    await context.sleep(50)
  })
}
