import { check, rawRequest } from '../harness/lab.ts'
import type { CheckContext, Copy } from '../harness/lab.ts'
import { COPY_MS, endOf, ownCopy, refuseWindows, sendSigterm, SLACK_MS, STOP_MS } from './copies.ts'
import { allInFlight, endsInTurn, inFlight } from './in-flight.ts'
import type { InFlight, Wanted } from './in-flight.ts'

/** The end comes in time, whoever holds on, and says that all is well. */
export function ending(): void {
  check('idle-connections', 'A connection without a request holds nothing up: after the last answer the program ends at once', {
    withinMs: 2 * COPY_MS,
    hints: [
      'Clients keep a connection open after an answer, for the next question. A balancer keeps its connections for as long as it lives.',
      'See “The connection that nobody closes”.',
      'Closing the server waits for every connection. Which of them are idle when SIGTERM comes, and which become idle later, after their answer? Somebody has to close both kinds, before a client asks again.',
    ],
  }, async (context) => {
    refuseWindows(context)
    const { expect, note } = context
    let misses = 0
    for (let attempt = 1; ; attempt += 1) {
      const { hasEnded, answeredMs } = await endsAfterAnswer(context, attempt)
      // A program that had no time to hear SIGTERM before its answer shows nothing of connections that become idle later.
      const isTold = answeredMs >= 150 && answeredMs <= 800
      if (hasEnded && (isTold || attempt === 4)) return
      if (isTold) misses += 1
      if (misses === 2 || attempt === 4) {
        expect(`the program ends within ${String(STOP_MS)} ms of the last answer`, hasEnded, { expected: 'an end', actual: 'it waits for open connections' })
      }
      note('once more, in case it was the machine')
    }
  })

  check('deadline', 'The program waits for GRACE_MS: an answer that is out before is whole, and a client that is stuck does not hold it longer', {
    withinMs: 2 * COPY_MS,
    hints: [
      'Politeness needs an end. Whoever sent SIGTERM follows with SIGKILL, and that one asks nobody.',
      'See “Politeness has an end”.',
      'Start a clock when SIGTERM comes. What must happen when it has run for GRACE_MS, whoever is still connected? And what must not happen sooner? 0 is a time, too.',
    ],
  }, async (context) => {
    refuseWindows(context)
    const patient = await ownCopy(context, 'patient', { GRACE_MS: '4000' })
    const nearly = await freshlyInFlight(patient, { leastMs: 3_400, mostMs: 3_400 }, context)
    sendSigterm(context, patient)
    for (const graceMs of [300, 0]) await endsDespiteStuckClients(graceMs, context)
    const answer = await nearly.answer
    answer.hasStatus(200)
  })

  check('exit-code', 'SIGTERM with nothing to do ends the program with exit code 0', {
    withinMs: COPY_MS,
    hints: [
      'The exit code is the last thing that a program says. 0 means that it ended as it was asked; anything else rings somebody’s bell.',
      'See “Four things to do on SIGTERM”, the last of them.',
      'Without a handler the signal itself ends the program, and that is no exit code. With one, the program has to end by itself, with 0. A client that has left is nothing to wait for.',
    ],
  }, async (context) => {
    refuseWindows(context)
    const { expect } = context
    const quiet = await ownCopy(context, 'quiet', { GRACE_MS: '15000' })
    await leavesBeforeItsAnswer(quiet, context)
    const reply = await quiet.client.get('/')
    reply.hasStatus(200)
    sendSigterm(context, quiet)
    const end = await endOf(quiet, STOP_MS + SLACK_MS, context)
    expect(`the program ends within ${String(STOP_MS)} ms`, end !== undefined, { expected: 'an end', actual: 'it runs' })
    expect('its exit code is 0', end?.code === 0, { expected: 0, actual: end?.code ?? 'ended by the signal' })
  })
}

/** Its answer is over when this resolves, had it been there to take it. */
async function leavesBeforeItsAnswer({ client }: Copy, { sleep }: CheckContext): Promise<void> {
  const leaving = await client.connect()
  await leaving.send(rawRequest('GET', '/slow?ms=300'))
  await sleep(100)
  leaving.reset()
  await sleep(600)
}

/** From SIGTERM to the last answer: so soon that one who looks for idle connections every few seconds comes seconds too late. */
const BEFORE_ANSWER_MS = 500

/** Whether the program ended in time after its last answer, and how long after SIGTERM that was out. */
async function endsAfterAnswer(context: CheckContext, attempt: number): Promise<{ hasEnded: boolean; answeredMs: number }> {
  const { note, sleep } = context
  const kept = await ownCopy(context, attempt === 1 ? 'kept' : `kept ${String(attempt)}`, { GRACE_MS: '15000' })
  const idle = await kept.client.connect()
  await idle.send(rawRequest('GET', '/livez'))
  const alive = await idle.reply()
  alive.hasStatus(200)
  endsInTurn(idle)
  const wanted = { leastMs: 1_000 }
  const [silent, asking] = await allInFlight(kept, [wanted, wanted], context) as [InFlight, InFlight]
  await sleep(Math.max(0, silent.askedAt + silent.ms - BEFORE_ANSWER_MS - performance.now()))
  const sentAt = performance.now()
  sendSigterm(context, kept)
  for (const { answer } of [silent, asking]) (await answer).hasStatus(200)
  const answeredMs = performance.now() - sentAt
  note('all connections stay open on the client’s side, and one of them goes on asking')
  void goesOnAsking(asking, kept, context).catch(() => undefined)
  // Half of what is left until somebody comes who looks every three seconds is slack.
  const slackMs = Math.max(100, (1_000 - answeredMs) / 2)
  const end = await endOf(kept, sentAt + answeredMs + STOP_MS + slackMs - performance.now(), context)
  return { hasEnded: end !== undefined, answeredMs }
}

/** Asks again and again on a connection that has answered, as a balancer does, until that or the program has ended. */
async function goesOnAsking({ connection }: InFlight, { program }: Copy, { sleep }: CheckContext): Promise<void> {
  let hasEnded = false
  void program.ended.then(() => { hasEnded = true })
  for (;;) {
    await sleep(300)
    if (hasEnded) return
    await connection.send(rawRequest('GET', '/readyz'))
    const reply = await connection.reply({ withinMs: 3_000 })
    if (reply.isLast) return
  }
}

/** Four of them: half a request, half of its first line, nothing at all, and an answer that takes too long. */
async function endsDespiteStuckClients(graceMs: number, context: CheckContext): Promise<void> {
  const stuck = await ownCopy(context, `stuck with GRACE_MS=${String(graceMs)}`, { GRACE_MS: String(graceMs) })
  const half = await stuck.client.connect()
  await half.send(rawRequest('POST', '/', { 'Content-Length': '1000' }, 'only half of it'))
  const line = await stuck.client.connect()
  await line.send('GET / HT')
  await stuck.client.connect()
  context.note('one connection more sends nothing')
  const slow = await inFlight(stuck, { leastMs: 20_000 }, context)
  sendSigterm(context, stuck)
  const end = await endOf(stuck, graceMs + STOP_MS + SLACK_MS, context)
  slow.answer.catch(() => undefined)
  context.expect(`the program ends within GRACE_MS (${String(graceMs)} ms) and a little`, end !== undefined, { expected: 'an end', actual: 'it waits for a client' })
}

/** One that was asked a moment ago, so that SIGTERM comes while most of its time is still to pass. */
async function freshlyInFlight(copy: Copy, wanted: Wanted, context: CheckContext): Promise<InFlight> {
  for (let attempt = 1; ; attempt += 1) {
    const slow = await inFlight(copy, wanted, context)
    if (performance.now() - slow.askedAt < 1_000 || attempt === 3) return slow
  }
}
