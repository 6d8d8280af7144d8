// Rejected by: tokens-unguessable, logout-kills-token
import { createHmac, randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import express from 'express'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'

interface Account {
  name: string
  role: 'listener' | 'presenter'
  salt: Buffer
  hash: Buffer
}

interface Claims {
  name: string
  endsAt: number
}

interface Letter {
  author: string
  text: string
}

interface Show {
  id: string
  title: string
  minutes: number
}

const port = Number(process.env.PORT ?? 3000)
const sessionMs = Number(process.env.SESSION_TTL_MS ?? 3_600_000)
const presenters = new Set((process.env.PRESENTERS ?? '').split(','))
const minPasswordLength = 8
const maxBodyBytes = 64 * 1024
const maxFailures = 5
const minuteMs = 60_000

const accounts = new Map<string, Account>()
const key = randomBytes(32)
/** Tokens that were signed out before their end. */
const signedOut = new Map<string, { endsAt: number }>()
/** The failed sign-ins on a name, until its minute ends. */
const attempts = new Map<string, { failed: number; endsAt: number }>()
const letters = new Map<string, Letter>()
const shows: Show[] = []
const app = express()

const cost = { N: 2 ** 13, r: 8, p: 1 }
const scryptInBackground = promisify<string, Buffer, number, typeof cost, Buffer>(scrypt)

function hashOf(password: string, salt: Buffer): Promise<Buffer> {
  return scryptInBackground(password, salt, 32, cost)
}

const createAccount: RequestHandler = async (request, response) => {
  const { name, password } = fieldsOf(request.body)
  if (!isText(name) || !isText(password) || [...password].length < minPasswordLength) {
    return sendError(response, 422, `An account has a name, and a password of at least ${minPasswordLength} characters.`)
  }
  const salt = randomBytes(16)
  const hash = await hashOf(password, salt)
  // Looked at after the wait: whoever asked for the same name meanwhile may have it by now.
  if (accounts.has(name)) return sendError(response, 409, 'This name is taken.')
  const role = presenters.has(name) ? 'presenter' : 'listener'
  accounts.set(name, { name, role, salt, hash })
  response.status(201).json({ name, role })
}

/** What a sign-in is compared with where there is no account: nothing is equal to it. */
const nobody = { salt: randomBytes(16), hash: randomBytes(32) }

async function isRight(name: string, password: string): Promise<boolean> {
  const { salt, hash } = accounts.get(name) ?? nobody
  return timingSafeEqual(await hashOf(password, salt), hash)
}

const signIn: RequestHandler = async (request, response) => {
  const { name, password } = fieldsOf(request.body)
  if (!isText(name) || !isText(password)) return sendError(response, 422, 'Sign in with a name and a password.')
  const attempt = attemptsOn(name)
  if (attempt.failed >= maxFailures) {
    response.set('Retry-After', String(Math.ceil((attempt.endsAt - Date.now()) / 1000)))
    return sendError(response, 429, 'Too many failed sign-ins on this name. Wait a minute.')
  }
  // Counted before the wait, or a thousand guesses sent at once would all be let in.
  attempt.failed += 1
  if (!await isRight(name, password)) return sendError(response, 401, 'The name or the password is wrong.')
  attempt.failed -= 1
  const { token, endsAt } = openSession(name)
  response.status(201).json({ token, expiresAt: new Date(endsAt).toISOString() })
}

function attemptsOn(name: string): { failed: number; endsAt: number } {
  dropEnded(attempts)
  const open = attempts.get(name) ?? { failed: 0, endsAt: Date.now() + minuteMs }
  attempts.set(name, open)
  return open
}

function openSession(name: string): { token: string; endsAt: number } {
  dropEnded(signedOut)
  const endsAt = Math.ceil(Date.now() / 1000) * 1000 + sessionMs
  const text = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ name, endsAt })}`
  return { token: `${text}.${signatureOf(text)}`, endsAt }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
}

function signatureOf(text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** What a token says, when it can be believed. */
function claimsIn(token: string): Claims | undefined {
  const [head = '', claims = '', signature = ''] = token.split('.')
  try {
    if (signature !== signatureOf(`${head}.${claims}`)) return undefined
    return decoded(claims) as unknown as Claims
  } catch {
    return undefined
  }
}

/** Drops entries that have ended, from the front. */
function dropEnded(entries: Map<string, { endsAt: number }>): void {
  for (const [key, { endsAt }] of entries) {
    if (endsAt > Date.now()) return
    entries.delete(key)
  }
}

const identify: RequestHandler = (request, response, next) => {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(request.get('Authorization') ?? '') ?? []
  const claims = claimsIn(token)
  const account = accounts.get(claims?.name ?? '')
  if (claims === undefined || account === undefined || signedOut.has(token) || claims.endsAt <= Date.now()) {
    response.set('WWW-Authenticate', 'Bearer')
    return sendError(response, 401, 'Sign in first, and send your token.')
  }
  response.locals.account = account
  response.locals.token = token
  response.locals.endsAt = claims.endsAt
  next()
}

const presentersOnly: RequestHandler = (request, response, next) => {
  if (sender(response).role === 'presenter') next()
  else sendError(response, 403, 'Only presenters change the programme.')
}

/** Who sent this request. `locals` belongs to one request, so that no other can change it. */
function sender(response: Response): Account {
  return response.locals.account as Account
}

const whoAmI: RequestHandler = (request, response) => {
  const { name, role } = sender(response)
  response.json({ name, role })
}

const signOut: RequestHandler = (request, response) => {
  signedOut.set(response.locals.token as string, { endsAt: response.locals.endsAt as number })
  response.status(204).end()
}

const createLetter: RequestHandler = (request, response) => {
  const { text } = fieldsOf(request.body)
  if (!isText(text)) return sendError(response, 422, 'A letter has a text.')
  const id = randomUUID()
  letters.set(id, { author: sender(response).name, text })
  response.status(201).json({ id })
}

const readLetter: RequestHandler<{ id: string }> = (request, response) => {
  const letter = letters.get(request.params.id)
  if (letter === undefined) return sendError(response, 404, 'There is no such letter.')
  const { name, role } = sender(response)
  if (letter.author !== name && role !== 'presenter') return sendError(response, 403, 'This letter is not for you.')
  response.json({ id: request.params.id, text: letter.text })
}

const listShows: RequestHandler = (request, response) => {
  response.json(shows)
}

const createShow: RequestHandler = (request, response) => {
  const { title, minutes } = fieldsOf(request.body)
  if (!isText(title) || typeof minutes !== 'number' || !Number.isInteger(minutes) || minutes < 1) {
    return sendError(response, 422, 'A show has a title, and minutes that are an integer from 1.')
  }
  const show: Show = { id: randomUUID(), title, minutes }
  shows.push(show)
  response.status(201).json(show)
}

/** The members of a parsed body; none where it is no object. */
function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? body as Record<string, unknown> : {}
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

const requireJson: RequestHandler = (request, response, next) => {
  const mediaType = request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (mediaType === 'application/json') next()
  else sendError(response, 415, 'Send application/json.')
}

const readJson = [requireJson, express.json({ limit: maxBodyBytes, strict: false })]

function sendError(response: Response, status: number, sentence: string): void {
  response.status(status).json({ error: sentence })
}

const answerUnknownPath: RequestHandler = (request, response) => {
  sendError(response, 404, `Nothing is at ${request.path}.`)
}

const sentences: Record<number, string> = {
  400: 'The request cannot be read: its body is not JSON, or its path is badly escaped.',
  413: `A body has at most ${maxBodyBytes} bytes.`,
  415: 'The encoding of the body is not supported.',
}

const answerError: ErrorRequestHandler = (error, request, response, next) => {
  if (response.headersSent) return next(error)
  const status = error.status in sentences ? error.status : 500
  if (status === 500) console.error(error)
  sendError(response, status, sentences[status] ?? 'The server has failed. The fault is not yours.')
}

app.post('/accounts', readJson, createAccount)
app.post('/sessions', readJson, signIn)
app.get('/shows', listShows)
// Whoever asks for anything below must say who it is, before anything of the body is read.
app.get('/me', identify, whoAmI)
app.delete('/sessions/current', identify, signOut)
app.post('/shows', identify, presentersOnly, readJson, createShow)
app.post('/letters', identify, readJson, createLetter)
app.get('/letters/:id', identify, readLetter)
app.use(answerUnknownPath)
app.use(answerError)

app.listen(port, '127.0.0.1', () => {
  console.log(`The station is at http://localhost:${port}/shows`)
})
