import { check, rawJson, rawRequest } from '../harness/lab.ts'
import type { CheckContext, Client, Reply } from '../harness/lab.ts'
import { done, HASHING_MS, isShutOut, knock, newcomer, register } from './people.ts'
import type { Credentials } from './people.ts'

/** The answer, and the milliseconds until it came. */
async function timed(attempt: () => Promise<Reply>): Promise<{ reply: Reply; ms: number }> {
  const beganAt = performance.now()
  const reply = await attempt()
  return { reply, ms: performance.now() - beganAt }
}

/** A hash costs work, tells nothing by its time, and stops nobody else. */
export function hashing(): void {
  check('same-answer-for-unknown', 'An unknown name and a wrong password get the same 401, byte for byte, after the same time', {
    hints: [
      'A sign-in that says “no such name”, or is quick to refuse it, hands out the list of those who have an account.',
      'See “The answer that tells nothing”.',
      'One sentence for both, without the name in it. And do the same work for both: where there is no account, compare with a hash that nothing equals.',
    ],
    withinMs: HASHING_MS,
  }, async ({ client, random, expect }) => {
    const account = async (): Promise<Credentials> => {
      const who = newcomer(random, 'ada')
      await register(client, who)
      return who
    }
    let known = await account()
    const fastest = { known: Infinity, unknown: Infinity }
    const isAlike = (): boolean => Math.max(fastest.known, fastest.unknown) <= 3 * Math.min(fastest.known, fastest.unknown)
    // Four failures a name, in turn with unknown ones. The fastest of each kind is what the work takes; the rest is the machine.
    for (let round = 0; round < 20 && (round < 4 || !isAlike()); round += 1) {
      if (round > 0 && round % 4 === 0) known = await account()
      // Too short for an account, and a wrong password all the same.
      const guess = newcomer(random, 'x').password.slice(0, round % 2 === 0 ? undefined : 7)
      const wrong = await timed(() => knock(client, { ...known, password: guess }))
      const unknown = await timed(() => knock(client, newcomer(random, 'nobody')))
      wrong.reply.hasStatus(401).hasJsonError()
      unknown.reply.satisfies('an unknown name gets the same answer', ({ text, status }) => status === 401 && text === wrong.reply.text, ({ text, status }) => `${status} ${text}`)
      fastest.known = Math.min(fastest.known, wrong.ms)
      fastest.unknown = Math.min(fastest.unknown, unknown.ms)
    }
    const inWords = `known ${fastest.known.toFixed(1)} ms, unknown ${fastest.unknown.toFixed(1)} ms`
    expect('both take about as long, within a factor of 3', isAlike(), { expected: 'about the same', actual: inWords })
  })

  check('slow-hash', 'A sign-in costs work: 8 ms or more', {
    hints: [
      'Whoever steals the file of hashes tries passwords at home. A digest such as SHA-256 lets him try millions a second, whatever salt is with it.',
      'See “An account, and what is kept of the password”.',
      'Use a hash that is made for passwords and made to be slow, such as `scrypt`, and raise its cost until a sign-in takes 8 ms and more.',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client, random, expect } = context
    const ada = newcomer(random, 'ada')
    await register(client, ada)
    const fastest = { signIn: Infinity, calm: Infinity }
    let slowestCalm = 0
    const work = (): number => fastest.signIn - fastest.calm
    // The fastest of each is what it takes; the rest is the machine. What is soon clear on a calm machine needs few of them.
    const isClear = (): boolean => work() >= 2 * QUICK_MS && slowestCalm - fastest.calm < QUICK_MS
    for (let round = 0; round < 4 || (round < 12 && !isClear()); round += 1) {
      const calm = await timed(() => client.get('/me'))
      const { reply, ms } = await timed(() => knock(client, ada))
      reply.hasStatus(done)
      fastest.calm = Math.min(fastest.calm, calm.ms)
      slowestCalm = Math.max(slowestCalm, calm.ms)
      fastest.signIn = Math.min(fastest.signIn, ms)
    }
    const inWords = `${work().toFixed(1)} ms: a sign-in takes ${fastest.signIn.toFixed(1)} ms, GET /me ${fastest.calm.toFixed(1)} ms`
    expect('no sign-in is done in a moment', work() >= QUICK_MS, { expected: '8 ms of work', actual: inWords })
  })

  check('others-go-on', 'While passwords are hashed, others are served', {
    hints: [
      'One thread runs your JavaScript. While it computes a hash, nobody is answered, and a slow hash is slow on purpose.',
      'See “Slow for one, not for all”.',
      'Use the hash in its asynchronous form, which works on another thread and calls back: not the one whose name ends in `Sync`.',
    ],
    withinMs: HASHING_MS,
  }, async ({ client, random, fail, note, sleep }) => {
    // Hashes that take no time hold nobody up: that is the matter of `slow-hash`. It is the machine, then.
    const behindNoHash = async (): Promise<number> => {
      const { waitedMs } = await readBehind({ client, sleep }, Array.from({ length: RUSH }, () => rawRequest('GET', '/me')))
      note(`behind ${RUSH} requests without a hash it came after ${waitedMs} ms`)
      return waitedMs
    }
    // A server that computes in its one thread serves the reader early now and then, by luck, and a busy machine holds one up.
    let [early, held] = [0, 0]
    while (early < 2) {
      const { waitedMs, open } = await readBehind({ client, sleep }, Array.from({ length: RUSH }, () => rawJson('POST', '/sessions', JSON.stringify(newcomer(random, 'nobody')))))
      note(`the guide came after ${waitedMs} ms, with ${open} of ${RUSH} sign-ins still at work`)
      if (open > 1 || waitedMs <= 40 || waitedMs < 2 * await behindNoHash()) early += 1
      else held += 1
      if (held === 4) {
        fail('Expected that the guide does not wait until all sign-ins are done.', {
          expected: 'an answer meanwhile', actual: `an answer after ${RUSH - open} of ${RUSH} sign-ins`,
        })
      }
    }
  })
}

/** Less than this between a sign-in and a request without a hash is no 8 ms of work, whatever the machine's clock; twice as much is. */
const QUICK_MS = 5

const RUSH = 8

/** Several requests arrive, and right behind them somebody who wants to read the guide: how many are still open when he has it? */
async function readBehind({ client, sleep }: Pick<CheckContext, 'client' | 'sleep'>, requests: string[]): Promise<{ waitedMs: number; open: number }> {
  const waiting = await Promise.all(requests.map((request) => allButTheEnd(client, request)))
  const reader = await allButTheEnd(client, 'GET /shows HTTP/1.1\r\nHost: localhost\r\n\r\n')
  // Once all connections stand, their last bytes arrive together and in this order.
  await sleep(50)
  let open = requests.length
  const answers = waiting.map(async (finish) => {
    const reply = await finish()
    open -= 1
    reply.satisfies('nobody gets in', isShutOut, ({ status }) => status)
  })
  const all = Promise.all(answers)
  all.catch(() => undefined)
  const { ms } = await timed(reader)
  const stillOpen = open
  await all
  return { waitedMs: Math.round(ms), open: stillOpen }
}

/** Sends a request but for its last byte; returns what sends that, too, and waits for the answer. */
async function allButTheEnd(client: Client, request: string): Promise<() => Promise<Reply>> {
  const connection = await client.connect()
  await connection.send(request.slice(0, -1))
  return async () => {
    await connection.send(request.slice(-1))
    return connection.reply()
  }
}
