import { randomUUID } from 'node:crypto'
import express from 'express'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'

interface Show {
  id: string
  title: string
  minutes: number
}

const port = Number(process.env.PORT ?? 3000)
const maxBodyBytes = 64 * 1024
const shows: Show[] = []
const app = express()

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

// TODO(1): POST /accounts keeps a name, a role, and a slow hash of the password with a salt of its own.
//          PRESENTERS says who is a presenter. A name that is taken, also at the same moment: 409.

// TODO(2): POST /sessions compares the password and gives out a token that nobody can guess.
//          An unknown name gets the same answer as a wrong password, after the same work.

// TODO(3): a handler that finds out who is asking, from the token alone: 401 with WWW-Authenticate where
//          nobody is. GET /me tells what it found.

// TODO(4): POST /shows is for presenters: 403 for anybody else who has signed in.

// TODO(5): POST /letters, and GET /letters/:id for the author and for presenters.

// TODO(6): an end of sessions: DELETE /sessions/current, and SESSION_TTL_MS after the sign-in.

// TODO(7): 429 with Retry-After on a name that has failed five times.

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

/** Chapter 01's door: 415, 413 and 400 are answered before your handler runs. */
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

app.get('/shows', listShows)
app.post('/shows', readJson, createShow)
app.use(answerUnknownPath)
app.use(answerError)

app.listen(port, '127.0.0.1', () => {
  console.log(`The station is at http://localhost:${port}/shows`)
})
