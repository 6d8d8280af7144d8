import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
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
import { StreamFailure } from './program-failure.ts'
import { createReply } from './reply.ts'
import { UnendedEvent } from './unended-event.ts'

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
  /** The same as a command to paste. */
  curl: string
}

/** What a stream has brought. */
interface Received {
  inbox: Inbox<ServerSentEvent>
  unended: UnendedEvent
}

/**
 * Opens an event stream and checks status and content type.
 * @throws CheckFailure when they are others, or no answer comes
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function openEventStream(options: EventStreamOptions): Promise<EventStream> {
  const { label, story, explain } = options
  const message = await openStream(options).catch(explain)
  const received: Received = { inbox: new Inbox(({ data, comment = '' }) => data.length + comment.length), unended: new UnendedEvent() }
  const { inbox } = received
  const feed = createFeed(received)
  message.on('data', (bytes: Buffer) => {
    feed(bytes)
    // A flood is held up at its source: to read it all, only to drop it, would take the judge's time from others.
    if (inbox.isFull) message.pause()
  })
  // A cut stream has ended too: how is for the trace to tell.
  message.on('error', () => inbox.end()).on('close', () => inbox.end())
  const raw = { status: message.statusCode ?? 0, statusText: message.statusMessage ?? '', rawHeaders: message.rawHeaders, httpVersion: message.httpVersion }
  const reply = createReply({ ...raw, body: new Uint8Array() }, label, story)
  try {
    reply.hasStatus(200).hasContentType('text/event-stream')
  } catch (error) {
    message.destroy()
    throw error
  }
  return {
    reply,
    next: (event, { withinMs } = {}) => observed(next(received, options, event, withinMs).finally(() => {
      if (!inbox.isFull) message.resume()
    })),
    pending: () => inbox.waiting(),
    ended: ({ withinMs } = {}) => observed(ended(inbox, options, withinMs)),
    close: () => message.destroy(),
  }
}

async function next(
  received: Received,
  options: EventStreamOptions,
  event: string | undefined,
  withinMs: number | undefined,
): Promise<ServerSentEvent> {
  const { bounds, story } = options
  const step = event === undefined ? 'an event comes' : `an event "${event}" comes`
  const taken = await received.inbox.take((candidate) => matches(candidate, event), bounds, withinMs)
  if ('value' in taken) {
    const { data } = taken.value
    story.step(data === '' ? step : `${step}: ${shorten(data)}`)
    return taken.value
  }
  story.failedStep(step)
  throw missing(options, event, taken, received)
}

async function ended(
  inbox: Inbox<ServerSentEvent>,
  { label, bounds, story, curl }: EventStreamOptions,
  withinMs: number | undefined,
): Promise<void> {
  const step = 'the server ends the event stream'
  const missed = await inbox.ended(bounds, withinMs)
  if (missed.ended) return story.step(step)
  story.failedStep(step)
  const message = `The event stream of ${label} did not end within ${duration(missed.ms)}.`
  throw new StreamFailure(curl, message, { expected: 'the end of the stream', actual: 'still open' })
}

/** Resolves with the answer once its head is there. @throws ExchangeError */
function openStream({ outgoing, bounds, withinMs }: EventStreamOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(requestOptions(outgoing))
    const first = watchFirstBytes(sent)
    const bound = bounds.start(withinMs, () => {
      sent.destroy()
      reject(new ExchangeError({ kind: first().length > 0 ? 'half-head' : 'silent', first: first(), ms: bound.ms, isStream: true }))
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

function createFeed({ inbox, unended }: Received): (bytes: Buffer) => void {
  const decoder = new TextDecoder()
  let isOverflown = false
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ id, event, data }) => inbox.add({ event: event ?? 'message', data, ...(id === undefined ? {} : { id }) }),
    onComment: (comment) => inbox.add({ event: 'comment', data: '', comment }),
    onError: (error) => { isOverflown ||= error.type === 'max-buffer-size-exceeded' },
  })
  return (bytes) => {
    if (isOverflown) return
    const text = decoder.decode(bytes, { stream: true })
    unended.feed(text)
    parser.feed(text)
  }
}

/** Comments are taken only when they are asked for by `comment`. */
function matches(candidate: ServerSentEvent, event: string | undefined): boolean {
  return event === undefined ? candidate.comment === undefined : candidate.event === event
}

function missing({ label, curl }: EventStreamOptions, event: string | undefined, { ended, ms }: Missed, received: Received): StreamFailure {
  const others = received.inbox.waiting()
  const what = event === undefined ? 'event' : `event "${event}"`
  const names = [...new Set(others.map((other) => other.event))].join(', ')
  const whole = others.length === 0 ? 'nothing' : `${others.length} of other kinds (${names})`
  const bytes = received.unended.bytes()
  const instead = bytes === 0 ? whole : `${others.length === 0 ? '' : `${whole}; `}${countBytes(bytes)} came, but no empty line ended an event`
  const message = ended
    ? `The event stream of ${label} ended before an ${what} came${bytes === 0 ? '' : `: ${instead}`}.`
    : `No ${what} came on ${label} within ${duration(ms)}; what came instead: ${instead}.`
  return new StreamFailure(curl, message, { expected: `an ${what}`, actual: ended ? 'the end of the stream' : instead })
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}… (${countBytes(Buffer.byteLength(text))})` : text
}
