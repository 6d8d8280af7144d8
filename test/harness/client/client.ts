import { Agent } from 'node:http'
import { connect } from 'node:net'
import type { Socket, TcpNetConnectOpts } from 'node:net'
import type { Story } from '../story.ts'
import type { Trace } from '../trace.ts'
import { keepReading } from '../recorder/keep-reading.ts'
import type { Client, EventStream, Problem, RawConnection, Reply, RequestOptions } from '../types/index.ts'
import { createBounds } from './bound.ts'
import type { Bounds } from './bound.ts'
import { curlLine, netcatLine } from './curl.ts'
import { describeRequest, describeTarget, prepare } from './describe.ts'
import type { Prepared } from './describe.ts'
import { openEventStream } from './event-stream.ts'
import { exchange, ExchangeError } from './exchange.ts'
import type { Incoming, Outgoing } from './exchange.ts'
import { createExplainer } from './explainer.ts'
import type { Explain } from './explainer.ts'
import { observed } from './observed.ts'
import { openRawConnection } from './raw-connection.ts'
import { createReply } from './reply.ts'
import { assertSendable } from './sendable.ts'
import { SentBodies } from './sent-bodies.ts'

/** The bound of a check that gives none. */
const DEFAULT_DEADLINE_MS = 5_000
/** The port that the chapters' programs take when they are started by hand. */
const DEFAULT_PORT = 3_000

/** What each kind of exchange needs. */
interface Parts {
  /** What is asked, for people: `GET /shows`. */
  label: string
  bounds: Bounds
  story: Story
  explain: Explain
}

export interface ClientOptions {
  /** Where to send: the recorder's origin, or the program's own. */
  origin: string
  story: Story
  /** The recorder's trace: tells a refused connection from a reset one. */
  trace?: Trace
  /** Ends every wait. */
  signal?: AbortSignal
  /** Asks whether the program crashed or is in an endless loop when no whole answer came. */
  diagnose?: () => Promise<Problem | null>
  /** The port in curl lines. Default 3000. */
  publicPort?: number
  /** Whom the requests go to, in the story. Left out of it when it is `server`. */
  name?: string
  /** What is left of the check, in milliseconds. Default 5 000 for each request. */
  deadlineMs?: () => number
}

export interface CheckClient extends Client {
  /** The last request as a command to paste; undefined before the first. */
  lastCurl(): string | undefined
  /** Drops every connection. */
  close(): void
}

/** A client that writes the story of what it does. */
export function createClient(options: ClientOptions): CheckClient {
  return new StoryClient(options)
}

class StoryClient implements CheckClient {
  readonly origin: string
  readonly #options: ClientOptions
  readonly #address: { host: string; port: number }
  /** Empty when there is one program only. */
  readonly #name: string
  readonly #bounds: Bounds
  readonly #agent = createAgent()
  readonly #streamAgents = new Set<Agent>()
  readonly #sockets = new Set<Socket>()
  readonly #sentBodies = new SentBodies()
  #showLast: (() => string) | undefined

  constructor(options: ClientOptions) {
    this.origin = options.origin
    this.#options = options
    const { hostname, port } = new URL(options.origin)
    this.#address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) }
    this.#name = options.name === undefined || options.name === 'server' ? '' : options.name
    this.#bounds = createBounds(options.deadlineMs ?? (() => DEFAULT_DEADLINE_MS), options.signal)
  }

  get(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('GET', path, options)
  }

  head(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('HEAD', path, options)
  }

  post(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('POST', path, options)
  }

  put(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('PUT', path, options)
  }

  delete(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('DELETE', path, options)
  }

  request(method: string, path: string, options: RequestOptions = {}): Promise<Reply> {
    return observed(this.#request(method, path, options))
  }

  events(path: string, options: RequestOptions = {}): Promise<EventStream> {
    return observed(this.#openEvents(path, options))
  }

  connect(): Promise<RawConnection> {
    return observed(this.#openConnection())
  }

  lastCurl(): string | undefined {
    return this.#showLast?.()
  }

  close(): void {
    for (const agent of [this.#agent, ...this.#streamAgents]) agent.destroy()
    for (const socket of this.#sockets) socket.destroy()
    this.#bounds.overAll()
  }

  async #request(method: string, path: string, options: RequestOptions): Promise<Reply> {
    const prepared = prepare(method, path, options)
    const { outgoing, label, explain } = this.#begin(prepared, describeRequest(prepared, this.#name))
    const incoming = await exchangeFresh(outgoing, (next) => exchange(next, this.#bounds, options.withinMs)).catch(explain)
    const { status, statusText, body, isReused } = incoming
    const isComplaint = status === 400 && isReused
    const remark = isComplaint ? this.#sentBodies.remarkOn(`${statusText}\n${body.toString('latin1')}`, outgoing.body) : undefined
    this.#sentBodies.add(label, outgoing.body)
    return createReply(incoming, label, this.#options.story, remark)
  }

  async #openEvents(path: string, options: RequestOptions): Promise<EventStream> {
    const prepared = prepare('GET', path, options)
    const parts = this.#begin(prepared, `open the event stream ${describeRequest(prepared, this.#name)}`, true)
    const headers = { Accept: 'text/event-stream', ...prepared.headers }
    // A stream keeps its connection to itself, so it gets a new one: a kept one may be about to close, and nobody would ask again.
    const agent = createAgent()
    this.#streamAgents.add(agent)
    return openEventStream({ ...parts, outgoing: { ...parts.outgoing, headers, agent }, withinMs: options.withinMs, curl: this.#showLast?.() ?? '' })
  }

  async #openConnection(): Promise<RawConnection> {
    const { story, publicPort = DEFAULT_PORT } = this.#options
    const target = this.#name === '' ? '' : ` to ${this.#name}`
    story.step(`open a TCP connection${target}`)
    return openRawConnection({
      ...this.#parts(`the raw request${target}`),
      address: this.#address,
      sockets: this.#sockets,
      onSent: (sent) => { this.#showLast = () => netcatLine(publicPort, sent) },
    })
  }

  #begin(prepared: Prepared, step: string, isStream = false): Parts & { outgoing: Outgoing } {
    const { story, publicPort = DEFAULT_PORT } = this.#options
    this.#showLast = () => curlLine({ origin: `http://localhost:${publicPort}`, ...prepared, isStream })
    story.step(step)
    assertSendable(prepared, story)
    const label = describeTarget(prepared.method, prepared.path, this.#name)
    return { ...this.#parts(label), outgoing: { ...prepared, ...this.#address, agent: this.#agent } }
  }

  #parts(label: string): Parts {
    return { label, bounds: this.#bounds, story: this.#options.story, explain: createExplainer(this.#options, label) }
  }
}

/** Keeps connections open, and reads an answer that came before a write failed. */
function createAgent(): Agent {
  const agent = new Agent({ keepAlive: true })
  agent.createConnection = (options) => keepReading(connect({ ...(options as TcpNetConnectOpts), noDelay: true }))
  return agent
}

/**
 * Tries once more, on a fresh connection, what went out on a kept one that the server had closed meanwhile.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1 Retrying Requests
 */
async function exchangeFresh(outgoing: Outgoing, send: (outgoing: Outgoing) => Promise<Incoming>): Promise<Incoming> {
  try {
    return await send(outgoing)
  } catch (error) {
    if (!(error instanceof ExchangeError) || !error.isStale) throw error
  }
  const agent = createAgent()
  try {
    return await send({ ...outgoing, agent })
  } finally {
    agent.destroy()
  }
}
