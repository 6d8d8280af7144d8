import { request as httpRequest } from 'node:http'
import { check, rawRequest } from '../harness/lab.ts'
import type { CheckContext, Copy } from '../harness/lab.ts'
import { COPY_MS, endOf, ownCopy, refuseWindows, sendSigterm } from './copies.ts'
import { allInFlight } from './in-flight.ts'
import type { InFlight } from './in-flight.ts'

/** What a new connection meets: a status, or the word for a refusal. */
function knock(port: number): Promise<number | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const request = httpRequest({ host: '127.0.0.1', port, path: '/', agent: false, timeout: 1_500 }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('timeout', () => {
      resolve('silent')
      request.destroy()
    })
    request.on('error', () => {
      resolve('refused')
    })
    request.end()
  })
}

/** After SIGTERM old requests are answered and new ones refused. */
export function draining(): void {
  check('drains', 'After SIGTERM, requests in flight are still answered, whole', {
    withinMs: COPY_MS,
    hints: [
      'SIGTERM comes with every release. Listeners whose answer is on its way should not notice.',
      'See “Four things to do on SIGTERM”.',
      'What does your handler do first? Stop taking connections, and let those that have an answer coming keep theirs until it is out. /slow must take its time, and 0 is a time.',
    ],
  }, async (context) => {
    refuseWindows(context)
    const { expect } = context
    // Without GRACE_MS it waits for five seconds, which the longest answer must stay well below.
    const draining = await ownCopy(context, 'draining')
    await takesNoTime(draining, context)
    const wanted = [{ leastMs: 1_000, mostMs: 2_200 }, { leastMs: 1_500, mostMs: 2_600 }, { leastMs: 4_000, mostMs: 4_000 }]
    const all = await allInFlight(draining, wanted, context)
    sendSigterm(context, draining)
    for (const slow of all) {
      const reply = await slow.answer
      reply.hasStatus(200)
      const tookMs = performance.now() - slow.askedAt
      // Node's own timers may be a millisecond early.
      expect('/slow took as long as it was asked to', tookMs >= slow.ms - 5, { expected: `${String(slow.ms)} ms`, actual: `${tookMs.toFixed(0)} ms` })
    }
    const end = await endOf(draining, 8_000, context)
    expect('the program ends after the last answer', end !== undefined, { expected: 'an end', actual: 'it runs' })
    expect('its exit code is 0', end?.code === 0, { expected: 0, actual: end?.code })
  })

  check('refuses-new', 'After SIGTERM, new requests are refused while old ones are still being answered', {
    withinMs: 2 * COPY_MS,
    hints: [
      'A server that goes on taking requests never gets done. The next listener must hear at once that this door is closed, and go to another.',
      'See “Four things to do on SIGTERM”, and what /readyz says from then on.',
      'Close the server for new connections at once, not after the last answer. On a connection that is still open, /readyz and the rest answer 503.',
    ],
  }, async (context) => {
    refuseWindows(context)
    const { expect, note } = context
    // It may be the machine that hears SIGTERM late. What a program does late it does late each time.
    for (let attempt = 1; ; attempt += 1) {
      const { asked, met, wasWarm } = await knockAfterSigterm(context, attempt)
      if (attempt < 3 && (wasWarm || met.some((answer) => !isRefusal(answer)))) {
        note('once more, in case it was the machine')
        continue
      }
      expect('a second after SIGTERM new connections are refused, or get 503, while an old request is in flight', met.every(isRefusal), {
        expected: 'refused, or 503', actual: met.find((answer) => !isRefusal(answer)),
      })
      for (const { slow, path } of asked) await isRefusedBehind(slow, path, context)
      return
    }
  })
}

/** 0 is a time as well. On a busy machine one answer of three is quick enough. */
async function takesNoTime({ client }: Copy, { expect }: CheckContext): Promise<void> {
  const mostMs = 1_000
  let tookMs = Infinity
  for (let attempt = 1; attempt <= 3 && tookMs > mostMs; attempt += 1) {
    const askedAt = performance.now()
    const reply = await client.get('/slow?ms=0')
    reply.hasStatus(200)
    tookMs = performance.now() - askedAt
  }
  expect('/slow?ms=0 is answered at once', tookMs <= mostMs, { expected: 'within 1 s', actual: `${tookMs.toFixed(0)} ms` })
}

/** From SIGTERM on, until new requests must be refused. */
const REFUSE_MS = 1_000

type Met = Awaited<ReturnType<typeof knock>> | 'not before the last answer was out'

function isRefusal(met: Met): boolean {
  return met === 'refused' || met === 503
}

interface AfterSigterm {
  /** Behind each slow request a new one was sent, for that path. */
  asked: readonly { slow: InFlight; path: string }[]
  met: readonly Met[]
  /** True when the machine was so busy that the warm-up was over before SIGTERM. */
  wasWarm: boolean
}

/** Knocks as soon as nobody may be let in any more: what counts is when a knock was sent, and not when it was heard. */
async function knockAfterSigterm(context: CheckContext, attempt: number): Promise<AfterSigterm> {
  // It is still warming up when SIGTERM comes, and done with that when the last requests come.
  const warmupMs = attempt * 2_500
  const startedAt = performance.now()
  const closing = await ownCopy(context, attempt === 1 ? 'closing' : `closing ${String(attempt)}`, { GRACE_MS: '20000', WARMUP_MS: String(warmupMs) })
  const warmAt = performance.now() + warmupMs
  const wanted = { leastMs: warmupMs + 1_500 }
  // Whatever the path: one that nobody knows is refused as well, and does not get 404.
  const paths = ['/readyz', '/', '/slow?ms=1', `/${context.random.word()}`]
  const slow = await allInFlight(closing, paths.map(() => wanted), context)
  let isAnswered = false
  for (const { answer } of slow) void answer.then(() => { isAnswered = true }, () => undefined)
  for (const one of slow) takesItsTime(one, context)
  const wasWarm = performance.now() > startedAt + warmupMs
  sendSigterm(context, closing)
  await context.sleep(REFUSE_MS + 200)
  const met: Met[] = []
  // One may meet a connection just being closed; all of several meet a closed door.
  for (let count = 0; count < 5; count += 1) {
    const answer = await knock(closing.program.port)
    // Once all is answered the program may be gone, and then it is no wonder.
    met.push(isAnswered ? 'not before the last answer was out' : answer)
  }
  await context.sleep(Math.max(0, warmAt + 100 - performance.now()))
  // Sent behind the slow requests, on connections that are still open.
  const asked = slow.map((one, index) => ({ slow: one, path: paths[index] as string }))
  for (const { slow: { connection }, path } of asked) await connection.send(rawRequest('GET', path)).catch(() => undefined)
  return { asked, met, wasWarm }
}

/** Before SIGTERM, and while the program warms up. */
function takesItsTime({ early, ms }: InFlight, { expect }: CheckContext): void {
  if (early === undefined) return
  early.satisfies('/slow is answered with 200, also while the program warms up', ({ status }) => status === 200, ({ status }) => status)
  expect('/slow takes as long as it was asked to', false, { expected: `${String(ms)} ms`, actual: 'less' })
}

/** What became of a request that was sent after SIGTERM, behind the slow one of its connection. */
async function isRefusedBehind({ connection, answer }: InFlight, path: string, { note, fail }: CheckContext): Promise<void> {
  const first = await answer
  first.hasStatus(200)
  if (first.isLast) {
    note('the connection ends with that answer')
    return
  }
  const second = await connection.reply({ withinMs: 3_000 }).catch(() => undefined)
  // A connection that is closed has refused too; one that stays open and silent has not.
  if (second === undefined) return connection.closed({ withinMs: 2_000 })
  if (second.status === 503) return
  fail(`Expected that ${path} gets 503 after SIGTERM, or that nobody answers any more; it got ${String(second.status)}.`, { expected: 503, actual: second.status })
}
