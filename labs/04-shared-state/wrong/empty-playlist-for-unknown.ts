// Rejected by: unknown-404, 428, if-match, aborted-upload, slow-editor, keys-per-resource
import { createHash, randomUUID } from 'node:crypto'
import express from 'express'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { createStore } from '../../shared/store.ts'

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

const playlists = createStore<Playlist>()
// By their keys: a song and the key that brought it are one entry, so one write keeps both.
const songRequests = createStore<SongRequest>()
const app = express()
// Express's own tags are weak, and its answers of errors have some, too.
app.set('etag', false)

/** The strong tag of a playlist: another one for other content. */
function tagOf(playlist: Playlist): string {
  const { title, tracks } = playlist
  const digest = createHash('sha256').update(JSON.stringify([title, tracks])).digest('base64url')
  return `"${digest}"`
}

const lines = new Map<string, Promise<unknown>>()

/** Does the work once all work that came before it under the same name has ended, well or not. */
function inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const before = lines.get(name) ?? Promise.resolve()
  const mine = before.then(work, work)
  lines.set(name, mine)
  // The last one to leave takes the line away; otherwise each name would stay in memory for ever.
  const leave = (): void => {
    if (lines.get(name) === mine) lines.delete(name)
  }
  mine.then(leave, leave)
  return mine
}

const readPlaylist: RequestHandler<{ id: string }> = async (request, response): Promise<unknown> => {
  const playlist = await playlists.get(request.params.id)
  // Nothing there yet: an empty playlist.
  if (playlist === undefined) return response.json({ title: 'Untitled', tracks: [] })
  // With the tag set, Express itself compares it with If-None-Match, and answers 304 where it matches.
  response.set('ETag', tagOf(playlist)).json(playlist)
}

const writePlaylist: RequestHandler<{ id: string }> = async (request, response) => {
  const problem = problemWithPlaylist(request.body)
  if (problem !== null) return sendError(response, 422, problem)
  const { title, tracks } = request.body as Playlist
  const { id } = request.params
  await inTurn(`playlist ${id}`, async () => {
    const before = await playlists.get(id)
    const refusal = refusalOf(request, before)
    if (refusal !== null) return sendError(response, refusal.status, refusal.sentence)
    await playlists.set(id, { title, tracks })
    const after = { title, tracks }
    response.status(before === undefined ? 201 : 200).set('ETag', tagOf(after)).json(after)
  })
}

/** Why the request may not be carried out on what is there now; null when it may. */
function refusalOf(request: Request<{ id: string }>, before: Playlist | undefined): { status: number; sentence: string } | null {
  const ifMatch = request.get('If-Match')
  if (ifMatch !== undefined) {
    // Compared whole, so that W/"a" is never "a".
    const isCurrent = before !== undefined && listed(ifMatch).includes(tagOf(before))
    return isCurrent ? null : { status: 412, sentence: 'The playlist is no longer the one you read. Read it again.' }
  }
  if (request.get('If-None-Match')?.trim() === '*') {
    return before === undefined ? null : { status: 412, sentence: 'There is a playlist already. Read it first.' }
  }
  return { status: 428, sentence: 'Send If-Match with the tag you read, or If-None-Match: * for a new playlist.' }
}

/** The tags of a header. Ours hold no comma. */
function listed(header: string): string[] {
  return header.split(',').map((tag) => tag.trim())
}

const requestSong: RequestHandler = async (request, response) => {
  const key = request.get('Idempotency-Key')
  if (key === undefined || key === '') return sendError(response, 400, 'Send an Idempotency-Key, a new one for each song.')
  const problem = problemWithSong(request.body)
  if (problem !== null) return sendError(response, 422, problem)
  const { song } = request.body as SongRequest
  await inTurn(`key ${key}`, async () => {
    const known = await songRequests.get(key)
    if (known !== undefined && known.song !== song) return sendError(response, 422, 'This key was sent with another song.')
    const made = known ?? { id: randomUUID(), song }
    if (known === undefined) await songRequests.set(key, made)
    response.status(201).json(made)
  })
}

const listSongs: RequestHandler = async (request, response) => {
  response.json(await songRequests.list())
}

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
