/** People and their accounts, and how a check signs them in. */
import type { CheckContext, Client, Reply } from '../harness/lab.ts'

/** One presenter a check, so that no two of them sign one name in at the same time. */
export const PRESENTERS = ['ines', 'jonas', 'mira', 'nora']

/** A copy with sessions that end while a check waits, and other presenters. */
export const BRIEF = { name: 'brief', env: { SESSION_TTL_MS: '400', PRESENTERS: 'olga,piet' } }

export interface Credentials {
  name: string
  password: string
}

/** Somebody who has signed in. */
interface Person extends Credentials {
  token: string
}

export type Tools = Pick<CheckContext, 'client' | 'expect' | 'random'>
type Random = CheckContext['random']

/** Several hashes in a row take their time, and more where other programs compute as well. */
export const HASHING_MS = 15_000

/** The exact status is a matter of `creates-account` and `sign-in` alone; other checks need to know that it went well. */
export const done = [200, 201]

/** What a header can carry without a word from the HTTP library. */
export const SENDABLE = /^[\x21-\x7e]+$/

/** The scheme alone or among others, with parameters or without. */
export const CHALLENGE = /(^|[,\s])bearer(?![^\s,])/i

export const bearer = (token: string): { headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${token}` } })
export const newcomer = (random: Random, who: string): Credentials => ({ name: `${who}-${random.word()}`, password: `${random.word()} ${random.word()}` })
export const newShow = (random: Random): { title: string; minutes: number } => ({ title: `${random.word()} ${random.word()}`, minutes: random.integer(2, 1439) })

/** Makes an account, which must be new. */
export async function register(client: Client, who: Credentials): Promise<Reply> {
  const reply = await client.post('/accounts', { json: who })
  return reply.hasStatus(done)
}

export function knock(client: Client, who: Credentials): Promise<Reply> {
  return client.post('/sessions', { json: who })
}

/** Signs in, which must succeed. */
export async function signIn({ client, expect }: Omit<Tools, 'random'>, { name, password }: Credentials): Promise<Person> {
  const reply = await knock(client, { name, password })
  const token = reply.hasStatus(done).json<Person | null>()?.token
  const isSendable = typeof token === 'string' && SENDABLE.test(token)
  expect('the token is a text that a header can carry', isSendable, { expected: 'letters, digits and - . _ ~ + / =', actual: token })
  return { name, password, token: String(token) }
}

/** Makes an account and signs in. */
export async function enter(tools: Tools, who: string): Promise<Person> {
  const credentials = newcomer(tools.random, who)
  await register(tools.client, credentials)
  return signIn(tools, credentials)
}

/** A presenter of this run. At somebody's running server the account may be there since an earlier run: its password never changes. */
export async function enterPresenter(context: CheckContext, name: string): Promise<Person> {
  const { client, expect, skip } = context
  const credentials = { name, password: `the password of ${name}` }
  const reply = await client.post('/accounts', { json: credentials })
  reply.hasStatus([...done, 409])
  const person = await signIn({ client, expect }, credentials)
  const { role } = await whoIs(client, person.token)
  if (role !== 'presenter' && isRemote(context)) skip(`That server was not started with PRESENTERS=${PRESENTERS.join(',')}.`)
  expect(`${name}, whom PRESENTERS names, is a presenter`, role === 'presenter', { expected: 'presenter', actual: role })
  return person
}

/** True where the program is somebody's running server, whose environment nobody here has set. */
export function isRemote(context: Pick<CheckContext, 'program'>): boolean {
  try {
    return context.program.pid === 0
  } catch {
    return true
  }
}

/** No answer holds the password, in its head or in its body, errors included. */
export function keepsQuiet(reply: Reply, password: unknown): void {
  if (typeof password !== 'string' || password === '') return
  const told = ({ headers, text }: Reply): string => [...Object.values(headers), text].join('\n')
  reply.satisfies('the password is not in the answer', () => !told(reply).includes(password), told)
}

/** Whom the server takes the bearer of this token for. */
export async function whoIs(client: Client, token: string): Promise<{ name?: unknown; role?: unknown }> {
  const reply = await client.get('/me', bearer(token))
  return reply.hasStatus(200).json<object | null>() ?? {}
}

/** Writes a letter and returns its path. */
export async function writeLetter(client: Client, { token }: Person, text: string): Promise<string> {
  const reply = await client.post('/letters', { json: { text }, ...bearer(token) })
  return pathOf(reply)
}

/** What `encodeURIComponent` escapes though a path may hold it: a program that compares without decoding is right, too. */
const AS_IT_IS = /%(?:24|26|2B|2C|3A|3B|3D|40)/g

/** A text that is not empty, or any number. */
export function isId(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}

export function pathOf(reply: Reply): string {
  const id = reply.hasStatus(done).json<{ id?: unknown } | null>()?.id
  reply.satisfies('the answer has the letter’s id', () => isId(id), () => reply.text)
  return `/letters/${encodeURIComponent(String(id)).replace(AS_IT_IS, decodeURIComponent)}`
}

/** Every request that needs a sender, as somebody makes it. */
export function privateRequests(client: Client, random: Random, headers: Record<string, string>): [what: string, send: () => Promise<Reply>][] {
  return [
    ['GET /me', () => client.get('/me', { headers })],
    ['POST /shows', () => client.post('/shows', { json: newShow(random), headers })],
    ['POST /letters', () => client.post('/letters', { json: { text: random.word() }, headers })],
    ['GET /letters/…', () => client.get(`/letters/${random.word()}`, { headers })],
    ['DELETE /sessions/current', () => client.delete('/sessions/current', { headers })],
  ]
}

/** Which of the two it has to be is the matter of `401-challenge`; other checks need to know that nobody got in. */
export function isShutOut({ status }: Reply): boolean {
  return status === 401 || status === 403
}

export function shutsOut(what: string, reply: Reply): void {
  reply.satisfies(`${what} gets 401`, isShutOut, ({ status, text }) => `${status}, ${text.slice(0, 100)}`)
}

/** The titles in the guide, as somebody reads it who has signed in or not. */
export async function titles(client: Client, { headers }: { headers: Record<string, string> } = { headers: {} }): Promise<unknown[]> {
  const reply = await client.get('/shows', { headers })
  const shows = reply.hasStatus(200).hasContentType('application/json').json()
  reply.satisfies('the guide is an array of objects', () => Array.isArray(shows) && shows.every((show) => Object(show) === show))
  return (shows as { title: unknown }[]).map(({ title }) => title)
}

/** ISO text with its zone or milliseconds, as milliseconds; NaN for anything else: without a zone, each machine reads another moment. */
export function momentOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? Date.parse(value) : Number.NaN
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The token with another last character. Its low bits may mean nothing in base64; those of value 16 and 32 always do. */
export function otherEnds(token: string, bits: readonly number[]): [what: string, text: string][] {
  const end = token.search(/=*$/) - 1
  const last = BASE64URL.indexOf(token[end] ?? '')
  const characters = last === -1 ? [] : bits.map((value) => BASE64URL[last ^ value]!)
  return characters.map((character) => [`with "${character}" as its last character`, token.slice(0, end) + character + token.slice(end + 1)])
}
