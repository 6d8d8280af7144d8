import { check } from '../harness/lab.ts'
import { bearer, HASHING_MS, keepsQuiet, knock, momentOf, newcomer, register, SENDABLE, signIn } from './people.ts'
import type { Tools } from './people.ts'

const HOUR_MS = 3_600_000

/** A token for a password, and for nothing less than all of it. */
export function signingIn(): void {
  check('sign-in', 'POST /sessions answers 201 with a token and its end; GET /me tells whose token it is', {
    hints: [
      'Whoever knows the password gets something to show instead of it from now on. The server remembers whom it gave that to.',
      'See “A ticket for the next requests”.',
      'Check in turn: the status 201; the token; `expiresAt` as an ISO text or in milliseconds, an hour from now; what GET /me makes of the token.',
    ],
  }, async ({ client, random, expect }) => {
    const ada = newcomer(random, 'ada')
    await register(client, ada)
    const reply = await knock(client, ada)
    reply.hasStatus(201).hasContentType('application/json')
    const { token, expiresAt } = reply.json<{ token?: unknown; expiresAt?: unknown } | null>() ?? {}
    expect('the token is a text', typeof token === 'string' && SENDABLE.test(token), { actual: reply.text })
    const leftMs = momentOf(expiresAt) - Date.now()
    // A classmate's clock may be some minutes off.
    expect('expiresAt is about an hour from now', Math.abs(leftMs - HOUR_MS) < 600_000, {
      expected: `"${new Date(Date.now() + HOUR_MS).toISOString()}", or ${Date.now() + HOUR_MS}`, actual: expiresAt,
    })
    const me = await client.get('/me', bearer(String(token)))
    const told = me.hasStatus(200).hasContentType('application/json').json<{ name?: unknown; role?: unknown } | null>()
    expect('GET /me tells the name and the role', told?.name === ada.name && told.role === 'listener', {
      expected: { name: ada.name, role: 'listener' }, actual: told,
    })
    const wrong = await knock(client, { ...ada, password: `${ada.password}.` })
    wrong.hasStatus(401).hasJsonError()
    for (const answer of [reply, wrong]) keepsQuiet(answer, ada.password)
  })

  check('whole-password', 'Every character of a password counts: case, blanks, and the hundredth as well', {
    hints: [
      'Somebody has chosen a long sentence, because it is hard to guess. What cuts it, trims it or folds its case makes many passwords into one.',
      'See “An account, and what is kept of the password”.',
      'Hash the password as it came. Some libraries read its first 72 bytes and no more: give those a digest of the whole.',
    ],
    withinMs: HASHING_MS,
  }, async ({ client, random, expect }) => {
    const name = newcomer(random, 'ada').name
    const sentence = Array.from({ length: 16 }, () => random.word()).join(' ')
    const password = ` Ñ${sentence} `
    await register(client, { name, password })
    const others: [string, string][] = [
      ['without the blank at its end', password.trimEnd()], ['in lower case', password.toLowerCase()],
      ['with another last letter', `${password.slice(0, -2)}# `],
    ]
    await Promise.all(others.map(async ([what, other]) => {
      const reply = await knock(client, { name, password: other })
      reply.satisfies(`the password ${what} is another one, and gets 401`, ({ status }) => status === 401, ({ status }) => status)
    }))
    await signIn({ client, expect }, { name, password })
    await oneForm({ client, expect, random })
  })
}

/**
 * 200 characters, most of them of three bytes, behind one of value 0, where C ends a text. The other last one has the same low byte.
 * At most three failures a name, here as above:
 * how many are too many is the matter of `throttled`.
 */
async function oneForm({ client, expect, random }: Tools): Promise<void> {
  const ben = { ...newcomer(random, 'ben'), password: ` ñ\0${'港'.repeat(197)}` }
  await register(client, ben)
  const others: [string, string][] = [
    ['in another form of Unicode', ben.password.normalize('NFD')], ['without the blank at its beginning', ben.password.trimStart()],
    ['with another last character', `${ben.password.slice(0, -1)}漯`],
  ]
  await Promise.all(others.map(async ([what, password]) => {
    const reply = await knock(client, { ...ben, password })
    reply.satisfies(`a password ${what} is another one, and gets 401`, ({ status }) => status === 401, ({ status }) => status)
  }))
  await signIn({ client, expect }, ben)
}
