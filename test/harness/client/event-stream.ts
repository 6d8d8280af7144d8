import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { CheckFailure } from '../failure.ts'
import { countBytes } from '../recorder/readable-bytes.ts'
import type { Story } from '../story.ts'
import type { EventStream, ServerSentEvent } from '../types/index.ts'
import { duration } from './bound.ts'
import type { Bounds } from './bound.ts'
import { ExchangeError, diagnoseError, requestOptions, watchFirstBytes } from './exchange.ts'
import type { Outgoing } from './exchange.ts'
import type { Explain } from './explainer.ts'
import { Inbox } from './inbox.ts'
import type { Missed } from './inbox.ts'
import { observed } from './observed.ts'
import { createReply } from './reply.ts'

/** One event, with its data's further lines, may be this long. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024

export interface EventStreamOptions {
  outgoing: Outgoing
  /** What is asked, for people: `GET /events`. */
  label: string
  bounds: Bounds
  story: Story
  explain: Explain
  withinMs: number | undefined
}

/**
 * Opens an event stream and checks status and content type.
 * @throws CheckFailure when they are others, or no answer comes
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function openEventStream(options: EventStreamOptions): Promise<EventStream> {
  const { label, story, explain } = options
  const message = await openStream(options).catch(explain)
  const inbox = new Inbox<ServerSentEvent>()
  message.on('data', createFeed((event) => inbox.add(event)))
  // A cut stream has ended too: how is for the trace to tell.
  message.on('error', () => inbox.end()).on('close', () => inbox.end())
  const raw = { status: message.statusCode ?? 0, statusText: message.statusMessage ?? '', rawHeaders: message.rawHeaders }
  const reply = createReply({ ...raw, body: new Uint8Array() }, label, story)
  try {
    reply.hasStatus(200).hasContentType('text/event-stream')
  } catch (error) {
    message.destroy()
    throw error
  }
  return {
    reply,
    next: (event, { withinMs } = {}) => observed(next(inbox, options, event, withinMs)),
    pending: () => inbox.waiting(),
    ended: ({ withinMs } = {}) => observed(ended(inbox, options, withinMs)),
    close: () => message.destroy(),
  }
}

async function next(
  inbox: Inbox<ServerSentEvent>,
  { label, bounds, story }: EventStreamOptions,
  event: string | undefined,
  withinMs: number | undefined,
): Promise<ServerSentEvent> {
  const step = event === undefined ? 'an event comes' : `an event "${event}" comes`
  const taken = await inbox.take((candidate) => matches(candidate, event), bounds, withinMs)
  if ('value' in taken) {
    const { data } = taken.value
    story.step(data === '' ? step : `${step}: ${shorten(data)}`)
    return taken.value
  }
  story.failedStep(step)
  throw missing(label, event, taken, inbox.waiting())
}

async function ended(
  inbox: Inbox<ServerSentEvent>,
  { label, bounds, story }: EventStreamOptions,
  withinMs: number | undefined,
): Promise<void> {
  const step = 'the server ends the event stream'
  const missed = await inbox.ended(bounds, withinMs)
  if (missed.ended) return story.step(step)
  story.failedStep(step)
  const message = `The event stream of ${label} did not end within ${duration(missed.ms)}.`
  throw new CheckFailure(message, { expected: 'the end of the stream', actual: 'still open' })
}

/** Resolves with the answer once its head is there. @throws ExchangeError */
function openStream({ outgoing, bounds, withinMs }: EventStreamOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(requestOptions(outgoing))
    const first = watchFirstBytes(sent)
    const bound = bounds.start(withinMs, () => {
      sent.destroy()
      reject(new ExchangeError({ kind: first().length > 0 ? 'half-head' : 'silent', first: first(), ms: bound.ms }))
    })
    sent.on('response', (message) => {
      bound.stop()
      resolve(message)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      bound.stop()
      reject(new ExchangeError({ first: first(), ...diagnoseError(error, first()) }))
    })
    sent.end(outgoing.body)
  })
}

function createFeed(add: (event: ServerSentEvent) => void): (bytes: Buffer) => void {
  const decoder = new TextDecoder()
  let isOverflown = false
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ id, event, data }) => add({ event: event ?? 'message', data, ...(id === undefined ? {} : { id }) }),
    onComment: (comment) => add({ event: 'comment', data: '', comment }),
    onError: (error) => { isOverflown ||= error.type === 'max-buffer-size-exceeded' },
  })
  return (bytes) => {
    if (!isOverflown) parser.feed(decoder.decode(bytes, { stream: true }))
  }
}

/** Comments are taken only when they are asked for by `comment`. */
function matches(candidate: ServerSentEvent, event: string | undefined): boolean {
  return event === undefined ? candidate.comment === undefined : candidate.event === event
}

function missing(label: string, event: string | undefined, { ended, ms }: Missed, others: readonly ServerSentEvent[]): CheckFailure {
  const what = event === undefined ? 'event' : `event "${event}"`
  const names = [...new Set(others.map((other) => other.event))].join(', ')
  const instead = others.length === 0 ? 'nothing' : `${others.length} of other kinds (${names})`
  const message = ended
    ? `The event stream of ${label} ended before an ${what} came.`
    : `No ${what} came on ${label} within ${duration(ms)}; what came instead: ${instead}.`
  return new CheckFailure(message, { expected: `an ${what}`, actual: ended ? 'the end of the stream' : instead })
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}… (${countBytes(Buffer.byteLength(text))})` : text
}
