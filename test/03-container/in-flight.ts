/** Requests that are still being answered when SIGTERM comes. */
import { rawRequest } from '../harness/lab.ts'
import type { CheckContext, Client, Copy, Reply } from '../harness/lab.ts'

/** A request on a connection of its own that the program is working on when this resolves. */
export interface InFlight {
  connection: Awaited<ReturnType<Client['connect']>>
  answer: Promise<Reply>
  /** When it was asked, and how long it takes. */
  askedAt: number
  ms: number
  /** The answer, where it came before its time. */
  early?: Reply
}

/** What to ask `/slow` for: at least so long, and on a busy machine no longer than that. */
export interface Wanted {
  leastMs: number
  mostMs?: number
}

/** One answer of several, as `allInFlight` says. */
export async function inFlight(copy: Copy, wanted: Wanted, context: CheckContext): Promise<InFlight> {
  const [one] = await allInFlight(copy, [wanted], context)
  return one as InFlight
}

/**
 * Asks for answers that take at least so long, and longer where the machine is busy: they must still be on their way when
 * SIGTERM comes. That the program has the requests shows a later one that was answered.
 */
export async function allInFlight(copy: Copy, wanted: readonly Wanted[], context: CheckContext): Promise<InFlight[]> {
  for (let patience = 1; ; patience *= 2) {
    const { isAnswered, slow } = await askSlowly(copy, wanted, patience, context)
    // On a busy machine an answer may be out before anything else has happened. One that came before its time comes so each time.
    if (!isAnswered || patience === 4 || slow.some(({ early }) => early !== undefined)) return slow
  }
}

/**
 * Ends its side of the connection when the program has ended its own, as clients do: `socket.end()` is a way to close it.
 * One that is stuck does not.
 */
export function endsInTurn(connection: InFlight['connection']): void {
  connection.closed({ withinMs: 60_000 }).then(() => {
    connection.end()
  }, () => undefined)
}

async function askSlowly(
  { client }: Copy,
  wanted: readonly Wanted[],
  patience: number,
  { sleep }: CheckContext,
): Promise<{ slow: InFlight[]; isAnswered: boolean }> {
  const beganAt = performance.now()
  const before = await client.get('/livez')
  before.hasStatus(200)
  const roundTripMs = performance.now() - beganAt
  const slow: InFlight[] = []
  let isAnswered = false
  for (const { leastMs, mostMs = Infinity } of wanted) {
    const ms = Math.round(Math.min(patience * leastMs + 10 * roundTripMs, mostMs))
    const connection = await client.connect()
    const askedAt = performance.now()
    await connection.send(rawRequest('GET', `/slow?ms=${String(ms)}`))
    const answer = connection.reply({ withinMs: ms + 6_000 })
    endsInTurn(connection)
    const one: InFlight = { connection, answer, askedAt, ms }
    answer.then((reply) => {
      isAnswered = true
      // Node's own timers may be a millisecond early.
      if (performance.now() - askedAt < ms - 5) one.early = reply
    }, () => undefined)
    slow.push(one)
  }
  await sleep(100 + roundTripMs)
  const later = await client.get('/livez')
  later.hasStatus(200)
  await sleep(100 + roundTripMs)
  return { slow, isAnswered }
}
