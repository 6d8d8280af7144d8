import { check } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { bearer, BRIEF, CHALLENGE, done, enter, HASHING_MS, isShutOut, knock, momentOf, newcomer, otherEnds, privateRequests, register, shutsOut, signIn, whoIs, writeLetter } from './people.ts'
import type { Credentials } from './people.ts'

const BRIEF_MS = 400

/** What a check of sessions that end needs. */
type Waiting = Pick<CheckContext, 'client' | 'expect' | 'note' | 'sleep'>

/** When a token is dead: signed out, or its time is over. */
export function ends(): void {
  check('logout-kills-token', 'After DELETE /sessions/current the token is dead everywhere; other sessions go on', {
    hints: [
      'Whoever has copied the token still has it. Only the server can make it worthless, by no longer knowing it.',
      'See “Signing out”.',
      'Forget the session on the server, that one alone, and look it up in every request. A signed token needs a list of those that have been signed out, by an id in it: several texts can decode to one signature.',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client, random, note } = context
    const phone = await enter(context, 'ada')
    const laptop = await signIn(context, phone)
    const path = await writeLetter(client, phone, random.word())
    const out = await client.delete('/sessions/current', bearer(phone.token))
    out.hasStatus(204).hasEmptyBody()
    const requests = [...privateRequests(client, random, bearer(phone.token).headers), ['GET /letters/…', () => client.get(path, bearer(phone.token))] as const]
    for (const [what, send] of requests) {
      note(`${what} with the token that was signed out`)
      await send().then((reply) => reply.hasStatus(401))
    }
    for (const [what, text] of lookalikes(phone.token)) {
      shutsOut(`the token that was signed out, ${what},`, await client.get('/me', bearer(text)))
    }
    note('the session on the laptop goes on, and reads what the phone has written')
    await whoIs(client, laptop.token)
    await client.get(path, bearer(laptop.token)).then((reply) => reply.hasStatus(200))
  })

  check('ttl', 'A session ends SESSION_TTL_MS after its sign-in, used or not', {
    hints: [
      'A stolen token works for its thief as long as for its owner. An end that comes by itself limits the damage, if use does not put it off.',
      'See “An end that comes by itself”.',
      'Keep with each session when it ends, in milliseconds from SESSION_TTL_MS, and compare in every request. Is expiresAt that moment?',
    ],
    withinMs: HASHING_MS,
  }, async ({ copy, expect, random, sleep, note }) => {
    const { client } = await copy(BRIEF)
    const ada = newcomer(random, 'ada')
    await register(client, ada)
    const { token, beganAt, endsAt } = await shortSession({ client, expect, note, sleep }, ada)
    for (;;) {
      const sentAt = Date.now()
      const reply = await client.get('/me', bearer(token))
      const ms = Math.round(performance.now() - beganAt)
      const isOver = isShutOut(reply)
      reply.satisfies(`after ${ms} ms the status is 200 or 401`, () => isOver || reply.status === 200, () => reply.status)
      // Each bound holds however late the machine is: an answer was made before it came, and after its request was sent.
      const isEarly = isOver && (ms < BRIEF_MS - EARLY_MS || Date.now() < endsAt - EARLY_MS)
      expect(`it was not over before ${BRIEF_MS} ms, the moment in expiresAt`, !isEarly, { expected: BRIEF_MS, actual: ms })
      if (isOver) break
      const lateMs = Math.round(sentAt - endsAt)
      expect('it is over at the moment in expiresAt, though it is used all the time', lateMs <= LATE_MS, { expected: '401', actual: `200, ${lateMs} ms later` })
      await sleep(30)
    }
    for (const [what, send] of privateRequests(client, random, bearer(token).headers)) {
      note(`${what} with the token that has ended`)
      const reply = await send()
      reply.hasStatus(401).hasHeader('WWW-Authenticate', CHALLENGE)
    }
    const { tokens, overAt } = await neverUsed({ client, expect }, ada, privateRequests(client, random, {}).length)
    await sleep(Math.max(0, overAt - Date.now()))
    // What drops a session when it is asked for at one door may let it through at another.
    for (const [index, other] of tokens.entries()) {
      const [what, send] = privateRequests(client, random, bearer(other).headers)[index]!
      note(`${what} is the first request ever of a session, and it has ended`)
      await send().then((reply) => reply.hasStatus(401))
    }
    await prolongsNoOther({ client, expect, note, sleep }, ada)
  })
}

/** So many sessions, and when all of them are over. */
async function neverUsed(tools: Pick<Waiting, 'client' | 'expect'>, who: Credentials, count: number): Promise<{ tokens: string[]; overAt: number }> {
  const tokens: string[] = []
  while (tokens.length < count) tokens.push((await signIn(tools, who)).token)
  return { tokens, overAt: Date.now() + BRIEF_MS + LATE_MS }
}

/** Each sign-in is a session of its own: none prolongs another. */
async function prolongsNoOther({ client, expect, note, sleep }: Waiting, who: Credentials): Promise<void> {
  const { token } = await signIn({ client, expect }, who)
  const signedInAt = Date.now()
  note('and now a session whose owner signs in anew all the time')
  for (;;) {
    const lateMs = Date.now() - signedInAt - BRIEF_MS
    const reply = await client.get('/me', bearer(token))
    if (isShutOut(reply)) return
    expect('it is over as soon, however often its owner signs in anew', lateMs <= LATE_MS, { expected: '401', actual: `200, ${lateMs} ms later` })
    const [again] = await Promise.all([knock(client, who), sleep(30)])
    again.hasStatus(done)
  }
}

/** A tenth of a second is for clocks that tick coarsely. */
const EARLY_MS = 100

/** And a little more for a program that drops what has ended with a timer. */
const LATE_MS = 300

/**
 * A session of BRIEF_MS that is good at first, and ends shortly after a whole second: what rounds to seconds shows.
 * On a busy machine it may come late, or be over before it was tried: then once more.
 */
async function shortSession(tools: Waiting, credentials: Credentials, attemptsLeft = 5): Promise<{ token: string; beganAt: number; endsAt: number }> {
  const { client, expect, note, sleep } = tools
  await sleep((2_130 - (Date.now() + BRIEF_MS) % 1_000) % 1_000)
  const [beganAt, began] = [performance.now(), Date.now()]
  const reply = await knock(client, credentials)
  const { token = '', expiresAt } = reply.hasStatus(done).json<{ token?: string; expiresAt?: unknown } | null>() ?? {}
  const endsAt = momentOf(expiresAt)
  const isPlausible = endsAt >= began + BRIEF_MS - LATE_MS && endsAt <= Date.now() + BRIEF_MS + LATE_MS
  expect(`expiresAt is ${BRIEF_MS} ms after the sign-in`, isPlausible, { expected: new Date(began + BRIEF_MS).toISOString(), actual: expiresAt })
  const me = await client.get('/me', bearer(token))
  const isLate = performance.now() - beganAt > BRIEF_MS - 100
  if (isLate && attemptsLeft > 1) {
    note('the machine is busy, and the session was over before it was tried, or nearly so')
    return shortSession(tools, credentials, attemptsLeft - 1)
  }
  if (!isLate) me.hasStatus(200)
  return { token, beganAt, endsAt }
}

/** Other texts that a decoder may take for the same token: that is in order while the session lasts, and not after it. */
function lookalikes(token: string): [what: string, text: string][] {
  const others: [string, string][] = [['in capital letters', token.toUpperCase()], ['in small letters', token.toLowerCase()], ['and one more "="', `${token}=`]]
  return [...otherEnds(token, [1, 2, 3]), ...others.filter(([, text]) => text !== token)]
}
