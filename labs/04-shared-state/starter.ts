import { randomUUID } from 'node:crypto'
import express from 'express'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { createStore } from '../shared/store.ts'

interface Playlist {
  title: string
  tracks: string[]
}

interface SongRequest {
  id: string
  song: string
}

const port = Number(process.env.PORT ?? 3000)
const maxBodyBytes = 64 * 1024
const maxTextLength = 200
const maxTracks = 100

// Each `get`, `set` and `list` takes some milliseconds: await them.
const playlists = createStore<Playlist>()
const songRequests = createStore<SongRequest>()
const app = express()

const readPlaylist: RequestHandler<{ id: string }> = async (request, response) => {
  const playlist = await playlists.get(request.params.id)
  if (playlist === undefined) return sendError(response, 404, 'There is no such playlist.')
  // TODO(1): a strong ETag, another one for other content. Express then answers If-None-Match by itself.
  response.json(playlist)
}

const writePlaylist: RequestHandler<{ id: string }> = async (request, response) => {
  const problem = problemWithPlaylist(request.body)
  if (problem !== null) return sendError(response, 422, problem)
  const { title, tracks } = request.body as Playlist
  // TODO(2): no condition gets 428, one that does not hold 412. A new playlist gets 201, and both answers their tag.
  // TODO(3): let nobody in between what you read and what you write.
  await playlists.set(request.params.id, { title, tracks })
  response.json({ title, tracks })
}

const requestSong: RequestHandler = async (request, response) => {
  const problem = problemWithSong(request.body)
  if (problem !== null) return sendError(response, 422, problem)
  const { song } = request.body as SongRequest
  // TODO(4): no Idempotency-Key gets 400. A key that is known gets the same answer, or 422 with another song.
  // TODO(5): the same key twice at the same moment, too.
  const made = { id: randomUUID(), song }
  await songRequests.set(made.id, made)
  response.status(201).json(made)
}

const listSongs: RequestHandler = async (request, response) => {
  response.json(await songRequests.list())
}

// From here on all is done: it refuses what is no JSON, too long, no playlist and no song, as chapter 01 does.

/** Says in a sentence why a parsed body is not a playlist, or null when it is one. */
function problemWithPlaylist(body: unknown): string | null {
  const { title, tracks } = membersOf(body)
  if (!isText(title)) return `A title is a text of 1 to ${maxTextLength} characters.`
  if (!Array.isArray(tracks) || tracks.length > maxTracks || !tracks.every(isText)) {
    return `The tracks are a list of at most ${maxTracks} texts of 1 to ${maxTextLength} characters.`
  }
  return null
}

function problemWithSong(body: unknown): string | null {
  return isText(membersOf(body).song) ? null : `A song is a text of 1 to ${maxTextLength} characters.`
}

/** The members of a parsed body; none when it is no object. */
function membersOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= maxTextLength
}

const requireJson: RequestHandler = (request, response, next) => {
  const mediaType = request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (mediaType === 'application/json') next()
  else sendError(response, 415, 'Send the body as application/json.')
}

const parseJson = express.json({ limit: maxBodyBytes, strict: false })

function sendError(response: Response, status: number, sentence: string): void {
  response.status(status).json({ error: sentence })
}

const answerUnknownPath: RequestHandler = (request, response) => {
  sendError(response, 404, `Nothing is at ${request.method} ${request.path}.`)
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

app.route('/playlists/:id').get(readPlaylist).put(requireJson, parseJson, writePlaylist)
app.route('/requests').get(listSongs).post(requireJson, parseJson, requestSong)
app.use(answerUnknownPath)
app.use(answerError)

app.listen(port, '127.0.0.1', () => {
  console.log(`Playlists are at http://localhost:${port}/playlists/<name>`)
})
