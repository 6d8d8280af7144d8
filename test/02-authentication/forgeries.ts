import { createHash, createHmac } from 'node:crypto'
import { check } from '../harness/lab.ts'
import { bearer, enter, HASHING_MS, newcomer, otherEnds, register, shutsOut, signIn } from './people.ts'
import type { Credentials } from './people.ts'

/** Tokens that nobody was given. */
export function forgeries(): void {
  check('tampered-token', 'A token with any character changed is nobody’s, and so is one without the word Bearer', {
    hints: [
      'A token is good because nobody else can make one. If one that was changed still passes, nobody looked at the part that proves it.',
      'See “A signed ticket, and what it is worth”.',
      'Do you decode the token and believe what it says? Look the whole text up, or verify its signature over all of it, before anything in it counts. And read the scheme, too: a token comes after the word Bearer.',
    ],
  }, async (context) => {
    const { client } = context
    const { token } = await enter(context, 'ada')
    for (const place of placesIn(token)) {
      const changed = token.slice(0, place) + another(token[place]!) + token.slice(place + 1)
      const reply = await client.get('/me', bearer(changed))
      shutsOut(`the token with its character ${place + 1} of ${token.length} changed`, reply)
    }
    for (const [what, text] of otherEnds(token, [16, 32])) {
      shutsOut(`the token ${what}`, await client.get('/me', bearer(text)))
    }
    // Before the "=", behind which some decoders read no more; and four, since one alone has no whole byte in base64.
    shutsOut('the token with four more characters', await client.get('/me', bearer(token.replace(/=*$/, 'xxxx$&'))))
    shutsOut('half of the token', await client.get('/me', bearer(token.slice(0, token.length / 2))))
    const misplaced: [string, string][] = [
      ['as Basic', `Basic ${token}`], ['as Digest, a word as long as Bearer', `Digest ${token}`], ['behind two schemes', `Basic Bearer ${token}`],
      ['without a scheme', token],
    ]
    for (const [what, authorization] of misplaced) {
      shutsOut(`the right token ${what}`, await client.get('/me', { headers: { authorization } }))
    }
  })

  check('forged-token', 'A home-made token is nobody’s: no name, no digest of a name, no `alg: none`', {
    hints: [
      'Whatever a stranger can compute, a stranger can send: a name, its base64, its digest, a JWT that says of itself that it needs no signature.',
      'See “A signed ticket, and what it is worth”.',
      'Accept what you gave out and nothing else. With signatures: the server chooses the algorithm, and the key is long and random. Is your list of sessions an object? See `any-text-is-a-name`.',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client } = context
    const [eve, victim] = await Promise.all([enter(context, 'eve'), enter(context, 'ada')])
    const forged: [string, string][] = [...guessesFor(victim), ...selfMade(victim.name), ...rewritten(eve.token, victim.name)]
    for (const [what, token] of forged) {
      shutsOut(what, await client.get('/me', bearer(token)))
    }
  })

  check('tokens-unguessable', 'Tokens have 22 characters or more, and no two are alike', {
    hints: [
      'Whoever can guess a token needs no password. A count, a clock, or a digest of either can be guessed.',
      'See “A ticket for the next requests”.',
      'Take at least 16 bytes from a source made for secrets, such as `randomBytes`, anew at each sign-in. Letters, digits and `-._~+/=` are what a header takes.',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client, random, expect } = context
    const [ada, ben] = [newcomer(random, 'ada'), newcomer(random, 'ben')]
    await Promise.all([register(client, ada), register(client, ben)])
    const beganAt = Date.now()
    const people = await Promise.all([ada, ada, ada, ben].map((who) => signIn(context, who)))
    const guesses = new Set([...digestsOfTheClock([ada.name, ben.name], beganAt, Date.now()), ...digestsOfACount()])
    const tokens = people.map(({ token }) => token)
    const shortest = Math.min(...tokens.map((token) => token.length))
    expect('each has 22 characters or more', shortest >= 22, { expected: 'at least 22', actual: shortest })
    expect('each is of letters, digits and -._~+/=', tokens.every((token) => /^[\w\-.~+/]+=*$/.test(token)), { actual: tokens })
    expect('none is a digest of the time, or of a count', !tokens.some((token) => guesses.has(token)), { actual: tokens })
    const [left = '', right = ''] = closest(tokens)
    expect('no two are alike', left !== right, { actual: left })
    expect('no two differ in a few characters only', difference(left, right) >= 10, { expected: 'at least 10 characters', actual: [left, right] })
  })
}

/** Of each part between dots the beginning and the middle. */
function placesIn(token: string): number[] {
  const parts = [...token.matchAll(/[^.]+/g)]
  const places = parts.flatMap(({ index, 0: part }) => [index, index + Math.floor(part.length / 2)])
  return [...new Set(places)].filter((place) => /[a-z\d]/i.test(token[place]!))
}

/** Another character of the same kind, in hexadecimal as in base64, whether case counts or not. */
function another(character: string): string {
  if (/\d/.test(character)) return String((Number(character) + 1) % 10)
  const last = /[a-f]/i.test(character) ? 'f' : 'z'
  if (character.toLowerCase() === last) return character === last ? 'b' : 'B'
  return String.fromCharCode(character.charCodeAt(0) + 1)
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url')
const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

/** What somebody tries who knows a name. */
function guessesFor({ name, password }: Credentials): [string, string][] {
  const claims = JSON.stringify({ name, role: 'presenter' })
  return [
    ['the name itself', name], ['the name in base64', base64url(name)], ['the name in hexadecimal', Buffer.from(name).toString('hex')],
    ...['md5', 'sha1', 'sha256'].map((algorithm): [string, string] => [`the name’s ${algorithm}`, digest(algorithm, name)]),
    ['name and password in base64', base64url(`${name}:${password}`)], ['name and role as JSON in base64', base64url(claims)],
    ...['0', '1', '2', 'admin', 'undefined', 'null', 'constructor', '__proto__', 'toString'].map((text): [string, string] => [`"${text}"`, text]),
    ['two dots', '..'], ['three parts that mean nothing', 'a.b.c'], ['a brace in base64', `${base64url('{')}.${base64url('{')}.${base64url('{')}`],
    ['a bad escape', '%zz'],
  ]
}

/** Out of examples and guides, where everybody finds them. */
const COMMON_KEYS = ['', 'secret', 'password', 'changeme', 'key', 'secretkey', 'dev-secret', 'jwt-secret', 'supersecret', 'your-256-bit-secret', 'shhhhh', 'harbour-radio']

function selfMade(name: string): [string, string][] {
  const claims = claimsOf(name)
  const unsigned = ['none', 'None', 'NONE'].map((alg): [string, string] => [`a JWT with "alg":"${alg}"`, `${headOf(alg)}.${claims}.`])
  const signed = COMMON_KEYS.map((key): [string, string] => {
    const text = `${headOf('HS256')}.${claims}`
    return [`a JWT signed with the key "${key}"`, `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`]
  })
  return [...unsigned, ...signed, ['a JWT with half a signature', `${headOf('HS256')}.${claims}.AAAA`]]
}

const headOf = (alg: string): string => base64url(JSON.stringify({ alg, typ: 'JWT' }))

function claimsOf(name: string): string {
  const now = Math.floor(Date.now() / 1000)
  return base64url(JSON.stringify({ sub: name, name, user: name, username: name, role: 'presenter', iat: now, exp: now + 3_600 }))
}

/** A token whose parts can be read as JSON, with another name and role in them and everything else as it was. */
function rewritten(token: string, name: string): [string, string][] {
  const parts = token.split('.')
  const changed = parts.map((part) => {
    const claims = objectIn(part)
    if (claims === undefined || 'alg' in claims) return part
    const names = ['sub', 'name', 'user', 'username'].filter((key) => key in claims).map((key) => [key, name])
    return base64url(JSON.stringify({ ...claims, ...Object.fromEntries(names), role: 'presenter' }))
  })
  if (changed.every((part, index) => part === parts[index])) return []
  const [, claims = ''] = changed
  return [['your own token, rewritten', changed.join('.')], ['your own token, rewritten, with "alg":"none"', `${headOf('none')}.${claims}.`]]
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

/** What somebody computes who knows the names and about when they signed in: a digest has no more chance in it than what it is made of. */
function digestsOfTheClock(names: readonly string[], beganAt: number, endedAt: number): Set<string> {
  const digests = new Set<string>()
  for (let ms = beganAt; ms <= endedAt; ms += 1) {
    const mixed = names.flatMap((name) => ['', ':', '-', '.', '_'].flatMap((sign) => [`${name}${sign}${ms}`, `${ms}${sign}${name}`]))
    for (const digest of [String(ms), ...mixed].flatMap(digestsOf)) digests.add(digest)
  }
  return digests
}

/** A program that was started for this run has signed in fewer people. */
function digestsOfACount(): string[] {
  return Array.from({ length: 500 }, (_, count) => digestsOf(String(count))).flat()
}

function digestsOf(text: string): string[] {
  return ['md5', 'sha1', 'sha256'].flatMap((algorithm) => {
    const bytes = createHash(algorithm).update(text).digest()
    return (['hex', 'base64', 'base64url'] as const).map((encoding) => bytes.toString(encoding))
  })
}

/** The pair that differs least. */
function closest(tokens: readonly string[]): string[] {
  const pairs = tokens.flatMap((left, index) => tokens.slice(index + 1).map((right) => [left, right]))
  return pairs.sort((one, other) => difference(one[0]!, one[1]!) - difference(other[0]!, other[1]!))[0] ?? []
}

/** In how many places two texts differ. */
function difference(left: string, right: string): number {
  const length = Math.max(left.length, right.length)
  return Array.from({ length }, (_, index) => left[index] !== right[index]).filter(Boolean).length
}
