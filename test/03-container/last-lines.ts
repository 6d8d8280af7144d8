/** The log of a program that is asked to end. */
import { rawRequest } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { ownCopy, sendSigterm } from './copies.ts'
import { inFlight } from './in-flight.ts'

/** Less than this before the slow answer is out, and a request behind it may find the connection closed. */
const LATE_MS = 250

/** What is answered just before SIGTERM, and after it, has its line, too; what gets no answer needs none. */
export async function tellsToTheEnd(context: CheckContext, attemptsLeft = 3): Promise<void> {
  const { random, sleep, expect, eventually, note } = context
  const ending = await ownCopy(context, 'asked to end', { GRACE_MS: '20000' })
  // A path that cannot be decoded: what comes back and what is told of it is open, but the program must outlive it.
  const strange = await ending.client.connect()
  await strange.send(rawRequest('GET', '/a%ZZ'))
  await strange.reply({ withinMs: 3_000 }).catch(() => {
    note('no answer came: is the program still there?')
  })
  const [before, after] = [`/${random.word()}`, `/${random.word()}`]
  const { connection, answer, askedAt, ms } = await inFlight(ending, { leastMs: 1_000 }, context)
  const told: string[] = []
  await ending.client.get(before)
  told.push(before)
  sendSigterm(context, ending)
  await sleep(300)
  await connection.send(rawRequest('GET', after)).catch(() => undefined)
  const isLate = performance.now() > askedAt + ms - LATE_MS
  const slow = await answer.catch(() => undefined)
  if (slow !== undefined) told.push('/slow')
  // Where the connection ends with the slow answer, the request behind it was not taken, and that is for others to judge.
  const refused = slow === undefined || slow.isLast ? undefined : await connection.reply({ withinMs: 3_000 }).catch(() => undefined)
  if (refused !== undefined) told.push(after)
  else if (isLate && attemptsLeft > 1) {
    note('the machine is busy, and the last request came when the slow answer was out, or nearly so')
    return tellsToTheEnd(context, attemptsLeft - 1)
  }
  for (const path of told) {
    await eventually(`stdout tells of ${path}, although the program was asked to end`, 1_500, () => {
      const printed = ending.program.output().stdout
      expect(`a line on stdout names ${path}, although the program was asked to end`, printed.split('\n').some((line) => line.includes(path)), {
        expected: `a line with ${path}`, actual: printed.slice(-500),
      })
    })
  }
}
