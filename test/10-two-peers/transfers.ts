import { check } from '../harness/lab.ts'
import { answersBytes, FAR_ID, long } from './frames.ts'
import { guest, LONG_MS, MIB, put, unique } from './guests.ts'

const MAX_FRAME_BYTES = 16_384

/** 64 characters, and 192 bytes of a frame. */
const LONGEST_ID = '☂'.repeat(64)

/** Slower than any program cuts an answer into frames, also on a busy machine. */
const THIN_LINE_BYTES_PER_SECOND = 3 * MIB

/**
 * Of an answer of 5.6 MB. The contract lets 1 MiB wait. Below the channel's `bufferedAmount` SCTP itself takes
 * 2 MB, whoever sends, and what it has taken nobody can overtake. The rest is for a ping on its way.
 */
const TOO_MUCH_WAITING_BYTES = 4 * MIB

/** Long answers: whole, in short frames, and in nobody’s way. */
export function transfers(): void {
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
    const outgoing = answersBytes(context, link, `/library/${title}`, ours, { withinMs: 10_000, id: FAR_ID })
    const reply = await client.get(`/peers/${peer.name}/library/${title}`, { withinMs: 10_000 })
    reply.hasStatus(200).hasBytes(theirs)
    await outgoing
  })

  check('frames-within-16-KiB', 'Frames are text, and none is longer than 16,384 bytes, base64 and all; one of that length is read', {
    hints: [
      'Implementations agree on messages of up to 16 KiB only. Base64 makes four characters of three bytes, and the frame around them counts too.',
      'See "Chunks of a frame".',
      'Take fewer bytes for a chunk: what is left of 16,384 after the other members (an id may have 64 characters), times three quarters. Give `send` a string: a Buffer makes a binary frame. And read frames up to that length yourself.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, random } = context
    const title = `single-${random.word()}`
    await put(client, title, long(random.bytes(2_001), 70_000))
    const { peer, link } = await guest(context, { name: unique(context, 'ruler') })
    // The program's own ping and request count, too. Whether it pings at all is asked elsewhere.
    await link.next('ping').catch(() => undefined)
    const about = await client.get(`/peers/${peer.name}/about`)
    about.hasStatus(200)
    const { largestFrame, binaryFrames } = await link.ask(`/library/${title}`, { withinMs: 5_000, id: LONGEST_ID })
    context.expect('the longest frame of the answer has at most 16,384 bytes', largestFrame <= MAX_FRAME_BYTES, { expected: `at most ${MAX_FRAME_BYTES}`, actual: largestFrame })
    context.expect('every frame is text', binaryFrames === 0, { expected: 'text, as send(string) makes it', actual: `${binaryFrames} binary` })
    context.note('a question of exactly 16,384 bytes, most of them in a member that nobody knows')
    await link.send(filled({ type: 'request', id: 'filled', path: '/about' }, MAX_FRAME_BYTES))
    const answer = await link.next('response', { withinMs: 5_000 })
    context.expect('it is answered', answer.json?.id === 'filled', { expected: 'a response with the id "filled"', actual: answer.json })
    // It may be taken, or ignored, and may cost its sender the link; an answer to what follows tells that it has been read.
    await link.send(filled({ type: 'ping' }, MAX_FRAME_BYTES + 500))
    await link.ask('/about', { withinMs: 3_000 }).catch(() => undefined)
    context.note('a frame of more than 16,384 bytes was sent')
    await client.get('/about').then((reply) => reply.hasStatus(200))
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

  check('answer-stays', 'An answer stays what it was when its title is replaced while it is being sent, and the next one is new', {
    hints: [
      'A long answer takes its time, and somebody may replace the title meanwhile. Half of the old and half of the new is neither.',
      'See "Send no faster than it drains".',
      'Look the bytes up once, when the request comes in, and cut the whole answer from them. Look them up again for the next request.',
    ],
    withinMs: 25_000,
    waits: true,
  }, async (context) => {
    const { client, random } = context
    const title = `draft-${random.word()}`
    const versions = [1, 2].map(() => long(random.bytes(4_001), 4 * MIB))
    const { link } = await guest(context, { name: unique(context, 'editor'), bytesPerSecond: THIN_LINE_BYTES_PER_SECOND })
    await put(client, title, versions[0] as Uint8Array)
    const asked = link.ask(`/library/${title}`, { withinMs: 12_000 })
    asked.catch(() => undefined)
    await context.sleep(200)
    await put(client, title, versions[1] as Uint8Array)
    context.note('the title was replaced while its bytes were sent over a line of 3 MiB a second')
    const { status, body } = await asked
    // On a busy machine the request may have come after the PUT.
    context.expect('the answer is the old bytes, all of them', status === 200 && versions.some((bytes) => Buffer.from(body).equals(bytes)), {
      expected: 'status 200, and one of the two', actual: `status ${status}, ${body.length} bytes, some of the one and some of the other`,
    })
    const last = random.bytes(200)
    await put(client, title, last)
    await answersBytes(context, link, `/library/${title}`, last)
  })
}

/** The frame with one member more, so that it has so many bytes. */
function filled(frame: object, bytes: number): object {
  const more = '.'.repeat(bytes - JSON.stringify({ ...frame, more: '' }).length)
  return { ...frame, more }
}
