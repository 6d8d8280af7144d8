import { setTimeout as delay } from 'node:timers/promises'
import type { TestPeerOptions } from '../types/index.ts'
import { HostLink, type Owner, type Partner } from './host-link.ts'
import type { JoinOptions, Tell } from './messages.ts'
import { join, leave, openInbox, postSignal, type Membership } from './room-client.ts'

/** Long enough for the answer to the last ping to have come. */
const SILENCE_MS = 30

/** One test peer: a member of a room, and its links. */
export class HostPeer implements Owner {
  readonly number: number
  readonly name: string
  readonly behaviour: { answers: boolean; talks: boolean }
  readonly bytesPerSecond: number | undefined
  readonly tell: Tell
  readonly #options: JoinOptions
  readonly #nextLink: () => number
  readonly #ended = new AbortController()
  /** The newest link with each partner, by the partner's id. */
  readonly #links = new Map<string, HostLink>()
  readonly #names = new Map<string, string>()
  #member: Membership | undefined
  /** Signals go one after the other, so that they arrive in the order they were made. */
  #lastSignal: Promise<void> = Promise.resolve()

  constructor(number: number, options: JoinOptions, tell: Tell, nextLink: () => number) {
    this.number = number
    this.name = options.name
    this.behaviour = { answers: options.answers ?? true, talks: options.talks ?? true }
    this.bytesPerSecond = options.bytesPerSecond
    this.tell = tell
    this.#options = options
    this.#nextLink = nextLink
  }

  /** Joins, opens the inbox, and calls those who are there. @throws CheckFailure when the meeting point refuses. */
  async join(): Promise<string> {
    const { signalUrl, room, name, linkTo } = this.#options
    const member = await join(signalUrl, room, name)
    this.#member = member
    for (const other of member.peers) this.#names.set(other.id, other.name)
    await openInbox(signalUrl, room, member, (event, data) => this.#take(event, data), this.#ended.signal)
    for (const other of member.peers) {
      if (linkTo === undefined || linkTo.includes(other.name)) this.#link(other, true)
    }
    return member.id
  }

  links(): HostLink[] {
    return [...this.#links.values()]
  }

  behave(options: Pick<TestPeerOptions, 'answers' | 'talks'>): void {
    Object.assign(this.behaviour, options)
  }

  /**
   * Leaves the room and closes all links, after a moment of silence: wrtc sometimes crashes a program
   * whose partner closes the channel while it sends, and a partner that says nothing is answered nothing.
   */
  async leave(): Promise<void> {
    if (this.behaviour.talks && this.links().length > 0) {
      this.behaviour.talks = false
      await delay(SILENCE_MS)
    }
    this.#ended.abort()
    const { signalUrl, room } = this.#options
    const left = this.#member ? leave(signalUrl, room, this.#member) : undefined
    await Promise.all([left, ...this.links().map((link) => link.close())])
  }

  answer(path: string): { status: number; body: Uint8Array } {
    const { about, library } = this.#options
    if (path === '/about') return { status: 200, body: json({ name: this.name, ...about }) }
    const title = titleOf(path)
    const bytes = title !== undefined && library && Object.hasOwn(library, title) ? library[title] : undefined
    if (bytes) return { status: 200, body: bytes }
    return { status: 404, body: json({ error: `${this.name} has nothing at ${path}` }) }
  }

  signal(to: string, data: unknown): void {
    const { signalUrl, room } = this.#options
    this.#lastSignal = this.#lastSignal.then(() => {
      if (this.#member && !this.#ended.signal.aborted) return postSignal(signalUrl, room, to, this.#member.token, data)
    })
  }

  #take(event: string, data: Record<string, unknown>): void {
    if (event === 'joined') this.#names.set(String(data.id), String(data.name))
    if (event === 'signal') this.#takeSignal(String(data.from), data.data)
  }

  #takeSignal(from: string, data: unknown): void {
    const known = this.#links.get(from)
    if (known && !known.peer.destroyed) return known.receiveSignal(data)
    // Candidates of a link that has ended come late; only an offer begins a new one.
    if ((data as { type?: unknown } | null)?.type !== 'offer') return
    this.#link({ id: from, name: this.#names.get(from) ?? from }, false).receiveSignal(data)
  }

  #link(partner: Partner, initiator: boolean): HostLink {
    const link = new HostLink(this.#nextLink(), this, { id: partner.id, name: partner.name }, initiator)
    this.#links.set(partner.id, link)
    return link
  }
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

function titleOf(path: string): string | undefined {
  const encoded = /^\/library\/([^/]+)$/.exec(path)?.[1]
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}
