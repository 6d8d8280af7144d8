import { check } from '../harness/lab.ts'
import type { PeerFrame } from '../harness/types/index.ts'
import { answersBytes, requestFrame, response } from './frames.ts'
import { escapeFirst, guest, LONG_MS, put, unique } from './guests.ts'

/** Each answer finds its question, whatever is in its path, its id or its body. */
export function questions(): void {
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
    // An id means something in one direction only: theirs is not taken because ours is.
    const [theirs] = ids.values()
    if (typeof theirs === 'string' || typeof theirs === 'number') {
      const { status } = await link.ask('/about', { id: theirs, withinMs: 5_000 })
      context.expect(`a question with the id ${JSON.stringify(theirs)}, which is open in the other direction, is answered`, status === 200, { expected: 200, actual: status })
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
      'Copy `id` from the request frame into each response frame, without converting it. Look at its type only: 0 and an empty text are ids, too.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { meeting, random } = context
    const { link } = await guest(context, { name: unique(context, 'ida') })
    const ids = [random.integer(1_000, 9_999), String(random.integer(1_000, 9_999)), `${random.word()} "ñ"`, 0, '', -1.5, 'x'.repeat(64)]
    for (const id of ids) {
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
    const { peer, link } = await guest(context, { name: unique(context, 'percy & sön'), library: { [title]: theirs } })
    const reply = await client.get(`/peers/${encodeURIComponent(peer.name)}${path}`)
    reply.hasStatus(200).hasBytes(theirs)
    await put(client, encodeURIComponent(title), ours)
    await answersBytes(context, link, path, ours)
    // Another program may escape what `encodeURIComponent` leaves as it is.
    const escaped = `/library/${escapeFirst(encodeURIComponent(title))}`
    await answersBytes(context, link, escaped, ours)
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
}
