// Rejected by: 413, slow-sender, split-packets
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
const maxTitleLength = 200
const maxMinutes = 24 * 60

// A Map remembers the order in which entries were added: oldest first.
const shows = new Map<string, Show>()
const app = express()

const listShows: RequestHandler = (request, response) => {
  response.json([...shows.values()])
}

const createShow: RequestHandler = (request, response) => {
  const problem = problemWith(request.body)
  if (problem !== null) return sendError(response, 422, problem)
  const { title, minutes } = request.body as Omit<Show, 'id'>
  // A random id, and not a count: a count would give a deleted show's id to the next one.
  const show: Show = { id: randomUUID(), title, minutes }
  shows.set(show.id, show)
  response.status(201).location(`/shows/${show.id}`).json(show)
}

const readShow: RequestHandler<{ id: string }> = (request, response) => {
  const show = shows.get(request.params.id)
  if (show === undefined) return sendError(response, 404, 'The guide has no such show.')
  response.json(show)
}

const deleteShow: RequestHandler<{ id: string }> = (request, response) => {
  if (!shows.delete(request.params.id)) return sendError(response, 404, 'The guide has no such show.')
  response.status(204).end()
}

/** Says in a sentence why a parsed body is not a show, or null when it is one. */
function problemWith(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return 'A show is an object with a title and minutes.'
  }
  const { title, minutes } = body as Record<string, unknown>
  if (typeof title !== 'string' || title === '' || title.length > maxTitleLength) {
    return `A title is a text of 1 to ${maxTitleLength} characters.`
  }
  if (!Number.isInteger(minutes) || Number(minutes) < 1 || Number(minutes) > maxMinutes) {
    return `The minutes are an integer from 1 to ${maxMinutes}.`
  }
  return null
}

// express.json() passes over a body of another type without a word, so somebody must refuse it.
const requireJson: RequestHandler = (request, response, next) => {
  const mediaType = request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (mediaType === 'application/json') next()
  else sendError(response, 415, 'Send the show as application/json.')
}

// `strict: false` lets values that are no object through, because they are well-formed JSON: 422, not 400.
/** Refuses a body that is too large before it is read, by its announced length. */
const requireLength: RequestHandler = (request, response, next) => {
  if (Number(request.get('Content-Length')) <= maxBodyBytes) next()
  else sendError(response, 413, sentences[413]!)
}

const parseJson = express.json({ limit: maxBodyBytes, strict: false })

function sendError(response: Response, status: number, sentence: string): void {
  response.status(status).json({ error: sentence })
}

/** Answers every method that no earlier handler of the route took. */
function allowOnly(allowed: string): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed)
    sendError(response, 405, `${request.method} is not possible here. Allowed: ${allowed}.`)
  }
}

const answerUnknownPath: RequestHandler = (request, response) => {
  sendError(response, 404, `Nothing is at ${request.path}.`)
}

const sentences: Record<number, string> = {
  400: 'The request cannot be read: its body is not JSON, or its path is badly escaped.',
  413: `A body has at most ${maxBodyBytes} bytes.`,
  415: 'The encoding of the body is not supported.',
}

// Express knows a handler of errors by its four parameters.
const answerError: ErrorRequestHandler = (error, request, response, next) => {
  if (response.headersSent) return next(error)
  const status = error.status in sentences ? error.status : 500
  if (status === 500) console.error(error)
  sendError(response, status, sentences[status] ?? 'The server has failed. The fault is not yours.')
}

// Express runs GET's handlers for HEAD as well, and leaves the body out.
app.route('/shows').get(listShows).post(requireJson, requireLength, parseJson, createShow).all(allowOnly('GET, HEAD, POST'))
app.route('/shows/:id').get(readShow).delete(deleteShow).all(allowOnly('GET, HEAD, DELETE'))
app.use(answerUnknownPath)
app.use(answerError)

app.listen(port, '127.0.0.1', () => {
  console.log(`The guide is at http://localhost:${port}/shows`)
})
