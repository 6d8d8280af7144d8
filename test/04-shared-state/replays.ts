import { check } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { atOnce, lineUp, races, tally, whileHeld } from './at-once.ts'
import { done } from './playlists.ts'
import { ask, isListed, newKey, requestIn, untilListed } from './songs.ts'
import { rawJson } from './wire.ts'

/** A request that comes again with its key has one effect. */
export function replays(): void {
  check('requests-a-song', 'POST /requests with a new key answers 201, the id and the song, and GET /requests lists it', {
    hints: [
      'A new key is a new wish, even for a song that somebody else has wished for already. What was acknowledged is in the list from then on.',
      'See the contract, the rows of /requests.',
      'Each new key gets an id of its own. Write the request to the store, wait until that is done, and answer then. A song has 1 to 200 characters, and comes back as it was sent.',
    ],
  }, async (context) => {
    const { client, random, expect } = context
    const song = `${random.word()} ${random.word()}`
    const reply = await ask(client, newKey(random), song)
    const first = requestIn(reply.hasStatus(201), song)
    const [alone] = await isListed(context, song, 1)
    expect('it is listed with its id', alone?.id === first.id, { expected: first.id, actual: alone?.id })
    for (const as of ['  blanks  within and behind ', '<b> & "Ñandú", 港 😀', 'e\u0301 \u00e9', ' \u0001 and \t', 'ñ'.repeat(200)]) {
      const other = `${random.word()}${as}`.slice(0, 200)
      requestIn(await ask(client, newKey(random), other), other)
      await isListed(context, other, 1)
    }
    requestIn(await ask(client, newKey(random), 'a'), 'a')
    const second = requestIn(await ask(client, newKey(random), song), song)
    expect('another key for the same song is another request', second.id !== first.id, { expected: 'another id', actual: second.id })
    await isListed(context, song, 2)
  })

  check('key-required', 'POST /requests without an Idempotency-Key answers 400 and adds nothing', {
    hints: [
      'Without a key a retry cannot be told from a new wish. The server asks for one, so that no client can forget it.',
      'See “A retry that does no harm”.',
      'Look for the header Idempotency-Key before anything is kept. Missing: 400, with a sentence.',
    ],
  }, async (context) => {
    const { client, random } = context
    const song = `${random.word()} ${random.word()}`
    const reply = await client.post('/requests', { json: { song } })
    reply.hasStatus(400).hasJsonError()
    await isListed(context, song, 0)
  })

  check('replay', 'The same key and song again get the same answer, and nothing is added', {
    withinMs: 10_000,
    hints: [
      'The client has not heard the first answer, so it asks again. It wants the answer that it missed, and not a second song.',
      'See “A retry that does no harm”.',
      'Keep, under the key, what you answered: 201, the id, the song. When the key comes again, answer from there.',
    ],
  }, async (context) => {
    const { client, random, note } = context
    const [song, other] = [`${random.word()} ${random.word()}`, `${random.word()} ${random.word()}`]
    const key = newKey(random)
    const first = await ask(client, key, song)
    requestIn(first, song)
    note('the answer is lost, so the client asks again')
    const again = await ask(client, key, song)
    again.hasStatus(first.status).hasJson(first.json())
    requestIn(await ask(client, newKey(random), other), other)
    note('and again, when somebody else has asked meanwhile')
    const late = await ask(client, key, song)
    late.hasStatus(first.status).hasJson(first.json())
    await isListed(context, song, 1)
    for (const waits of [true, false, true, false]) await asksAfterHangingUp(context, waits)
  })

  check('replay-concurrent', 'The same key 10 times at the same moment gets the same answer 10 times, and adds one song', {
    withinMs: 15_000,
    hints: [
      'An impatient client asks again before the first attempt is through. Then the store does not know the key yet, though the work has begun.',
      'See “The key and the work are one”.',
      'Whoever comes with a key that is being worked on waits for that work, and answers what it answered. Other keys need not wait.',
    ],
  }, async (context) => {
    for (let race = 1; race <= races(context); race += 1) await oneAnswer(context)
  })

  check('key-with-other-body', 'A key that comes again with another song gets 422; nothing is added, and the first answer stays', {
    withinMs: 15_000,
    hints: [
      'A key names one wish. The same key for another song is a bug in the client, and the old answer would hide it: the client would believe its new song was taken.',
      'See “A retry that does no harm”.',
      'Keep the song beside the key, and compare before you repeat the answer, letter by letter. Unlike: 422, and leave what you have kept alone.',
    ],
  }, async (context) => {
    const { client, random } = context
    const song = `${random.word()} ${random.word()} \u00e9`
    const key = newKey(random)
    const first = await ask(client, key, song)
    requestIn(first, song)
    // The last is é in another spelling.
    for (const other of [`${random.word()} ${random.word()}`, song.toUpperCase(), `${song} `, `${song}s`, [...song].sort().join(''), song.normalize('NFD')]) {
      const misused = await ask(client, key, other)
      misused.hasStatus(422).hasJsonError()
      await isListed(context, other, 0)
    }
    const again = await ask(client, key, song)
    again.hasStatus(done).hasJson(first.json())
    await isListed(context, song, 1)
    for (let race = 1; race <= races(context); race += 1) await oneSongWins(context)
  })
}

/** So long a complete request has been on its way when its client hangs up: longer than to arrive, shorter than a write through a store. */
const BEFORE_HANGING_UP_MS = 5

/** A client hangs up when its request is complete and not yet answered, and asks again: when the first attempt is through, or at once. */
async function asksAfterHangingUp(context: CheckContext, waits: boolean): Promise<void> {
  const { client, random, note, sleep } = context
  const [key, song] = [newKey(random), `${random.word()} ${random.word()}`]
  const request = rawJson('POST', '/requests', { 'Idempotency-Key': key }, JSON.stringify({ song }))
  const { connections, complete } = await lineUp(client, [request, request])
  const [first, second] = connections
  await whileHeld(context, async () => {
    await complete(0, 1)
    await sleep(BEFORE_HANGING_UP_MS)
    first?.reset()
    if (!waits) await complete(1, 2)
  })
  note(`the request is complete, but its client hangs up before the answer, and asks again ${waits ? 'later' : 'at once'}`)
  if (waits) {
    await untilListed(context, song)
    await complete(1, 2)
  }
  const again = await second?.reply()
  if (again !== undefined) requestIn(again, song)
  await isListed(context, song, 1)
}

/** Two clients, each with a key of its own, send their request ten times at once. */
async function oneAnswer(context: CheckContext): Promise<void> {
  const { random, inOneStep, expect } = context
  const wishes = [0, 1].map(() => ({ key: newKey(random), song: `${random.word()} ${random.word()}` }))
  const attempts = Array.from({ length: 10 }, () => wishes).flat()
  const replies = await inOneStep('2 clients send POST /requests 10 times each, all at once, each client with its own key', () => (
    atOnce(context, attempts.map(({ key, song }) => rawJson('POST', '/requests', { 'Idempotency-Key': key }, JSON.stringify({ song }))))
  ))
  expect('every attempt gets the same status, 201', /^20 × 20[01]$/.test(tally(replies)), { expected: '20 × 201', actual: tally(replies) })
  for (const { key, song } of wishes) {
    const ids = new Set(replies.filter((_, index) => attempts[index]?.key === key).map((reply) => requestIn(reply, song).id))
    expect('all attempts with one key get one id', ids.size === 1, { expected: 1, actual: [...ids] })
    await isListed(context, song, 1)
  }
}

/** One key with two songs at the same moment. */
async function oneSongWins(context: CheckContext): Promise<void> {
  const { random, inOneStep, expect } = context
  const [key, songs] = [newKey(random), [`${random.word()} ${random.word()}`, `${random.word()} ${random.word()}`]]
  const replies = await inOneStep('2 clients send POST /requests at once, with one key and two songs', () => (
    atOnce(context, songs.map((song) => rawJson('POST', '/requests', { 'Idempotency-Key': key }, JSON.stringify({ song }))))
  ))
  expect('one song is taken, and the other gets 422', /^1 × 20[01], 1 × 422$/.test(tally(replies)), { expected: '1 × 201, 1 × 422', actual: tally(replies) })
  for (const [index, song] of songs.entries()) await isListed(context, song, replies[index]?.status === 422 ? 0 : 1)
}
