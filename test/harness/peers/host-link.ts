import { createPeer, receiveSignal, type Peer } from '../../../labs/shared/webrtc.ts'
import type { Answer, TraceEvent } from '../types/index.ts'
import { parseFrame, responseFrames, summarize, type Id } from './frames.ts'
import { Flood, MAX_UNASKED_A_SECOND } from './flood.ts'
import { PendingAnswers } from './host-answers.ts'
import type { Tell } from './messages.ts'
import { SlowLine } from './slow-line.ts'

const PING_EVERY_MS = 500
/** More than this waiting to be sent, and the next frame has to wait too. */
const MAX_BUFFERED_BYTES = 65_536
const SHOWN_BYTES = 4_096

/** What a link needs to know of the peer that it belongs to. */
export interface Owner {
  readonly number: number
  readonly name: string
  readonly behaviour: { answers: boolean; talks: boolean }
  /** What its links carry at most, each way; undefined: what the machine can. */
  readonly bytesPerSecond: number | undefined
  /** The answer to a request of the partner. */
  answer(path: string): { status: number; body: Uint8Array }
  /** Carries a signal to the partner. */
  signal(to: string, data: unknown): void
  tell: Tell
}

export interface Partner {
  readonly id: string
  readonly name: string
}

/** One end of a data channel, speaking lab 10's frames. */
export class HostLink {
  readonly number: number
  readonly partner: Partner
  /** Resolves when the channel is closed, with the reason where this side had to cut it. */
  readonly closed: Promise<string | undefined>
  readonly #owner: Owner
  readonly #peer: Peer
  readonly #answers = new PendingAnswers()
  readonly #line: SlowLine | undefined
  #open = false
  #nextId = 1
  #binaryFrames = 0
  #pings = 0
  #pongs = 0
  readonly #unasked = new Flood()
  #isFlooded = false
  /** Signals go and come one after the other, so that none overtakes another on a slow line. */
  #lastSignal: Promise<void> = Promise.resolve()

  constructor(number: number, owner: Owner, partner: Partner, initiator: boolean) {
    this.number = number
    this.partner = partner
    this.#owner = owner
    owner.tell({ event: 'link', peer: owner.number, link: number, ...partner })
    this.#peer = createPeer({ initiator })
    this.#line = owner.bytesPerSecond === undefined ? undefined : new SlowLine(owner.bytesPerSecond)
    this.#peer.on('signal', (data) => {
      this.#tellSignal('sent', data)
      if (this.#line === undefined) owner.signal(partner.id, data)
      else this.#inTurn(this.#line.outgoing(data), (signal) => owner.signal(partner.id, signal))
    })
    onMessage(this.#peer, (data) => {
      if (typeof data !== 'string') this.#binaryFrames += 1
    })
    this.#peer.on('connect', () => this.#opened())
    this.#peer.on('data', (data: Buffer) => this.#receive(data))
    this.closed = new Promise((resolve) => this.#peer.once('close', () => resolve(this.#whyCut())))
    const pings = setInterval(() => this.ping(), PING_EVERY_MS)
    void this.closed.then((why) => {
      clearInterval(pings)
      this.#line?.close()
      owner.tell({ event: 'closed', link: number, why })
    })
  }

  /** The simple-peer itself, to end it with the process. */
  get peer(): Peer {
    return this.#peer
  }

  receiveSignal(data: unknown): void {
    this.#tellSignal('received', data)
    if (this.#line === undefined) receiveSignal(this.#peer, data)
    else this.#inTurn(this.#line.incoming(data), (signal) => receiveSignal(this.#peer, signal))
  }

  /** Sends what the check says, as it is, once the channel has room for it. */
  async send(data: string | Uint8Array): Promise<void> {
    while (!this.#peer.destroyed && this.#peer.bufferSize > MAX_BUFFERED_BYTES) {
      // wrtc has no `bufferedamountlow`, so the buffer is looked at again and again.
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    this.#sendNow(data)
  }

  /** Asks the partner and gathers its answer. @throws CheckFailure when there is none within `withinMs`. */
  async ask(path: string, withinMs: number, id: Id = this.#nextId++): Promise<Answer> {
    const answer = this.#answers.expect(id, path, this.partner.name, withinMs, this.closed)
    void this.send(JSON.stringify({ type: 'request', id, path }))
    return { ...(await answer), binaryFrames: this.#binaryFrames }
  }

  /** Sends a ping. The pong that answers it is the one with this number: frames keep their order. */
  ping(): number {
    this.#say({ type: 'ping' })
    return (this.#pings += 1)
  }

  /** How many pongs have come. */
  get pongs(): number {
    return this.#pongs
  }

  /** Closes the channel and waits until it is closed. */
  async close(): Promise<void> {
    if (this.#peer.destroyed) return
    this.#peer.destroy()
    await this.closed
  }

  #inTurn(rewritten: Promise<unknown>, pass: (signal: unknown) => void): void {
    this.#lastSignal = this.#lastSignal.then(async () => {
      const signal = await rewritten
      if (signal !== undefined) pass(signal)
    })
  }

  #opened(): void {
    if (this.#open) return
    this.#open = true
    this.#owner.tell({ event: 'open', link: this.number })
    this.ping()
  }

  #receive(data: Buffer): void {
    // The first data can come before `connect`.
    this.#opened()
    const text = data.toString('utf8')
    const frame = parseFrame(text)
    this.#trace(this.partner.name, this.#owner.name, data, frame)
    if (frame?.type === 'pong') this.#pongs += 1
    if (frame?.type === 'response' && this.#answers.take(frame, data.length)) return
    if (this.#unasked.add(performance.now())) return this.#cut()
    this.#owner.tell({ event: 'frame', link: this.number, text, bytes: data.length })
    if (frame?.type === 'ping') this.#say({ type: 'pong' })
    if (frame?.type === 'request') void this.#answer(frame)
  }

  /** Closes the channel on a flood: neither a timer nor the judge would get a turn beside it. */
  #cut(): void {
    this.#isFlooded = true
    this.#peer.destroy()
  }

  #whyCut(): string | undefined {
    if (!this.#isFlooded) return undefined
    return `${this.partner.name} sent more than ${MAX_UNASKED_A_SECOND} frames in a second that answer nothing, and the data channel was cut`
  }

  async #answer({ id, path }: Record<string, unknown>): Promise<void> {
    const { behaviour } = this.#owner
    if (!behaviour.answers || !behaviour.talks || !isId(id)) return
    const { status, body } = this.#owner.answer(String(path))
    for (const frame of responseFrames(id, status, body)) {
      if (!behaviour.talks || this.#peer.destroyed) return
      await this.send(frame)
    }
  }

  /** Sends a short frame at once, also in the middle of a transfer. */
  #say(frame: object): void {
    if (this.#owner.behaviour.talks) this.#sendNow(JSON.stringify(frame))
  }

  #sendNow(data: string | Uint8Array): void {
    if (!this.#open || this.#peer.destroyed) return
    try {
      this.#peer.send(data)
    } catch {
      // The channel is closing already; `close` tells.
      return
    }
    this.#trace(this.#owner.name, this.partner.name, Buffer.from(data))
  }

  #trace(from: string, to: string, data: Buffer, frame = parseFrame(data.toString('utf8'))): void {
    const body = data.subarray(0, SHOWN_BYTES).toString('utf8')
    const trace: Omit<TraceEvent, 'id' | 'at'> = {
      from, to, kind: 'frame', summary: summarize(frame, data.length), detail: { body, bodyBytes: data.length },
    }
    this.#owner.tell({ event: 'trace', peer: this.#owner.number, trace })
  }

  #tellSignal(direction: 'sent' | 'received', data: unknown): void {
    const type = typeof data === 'object' && data !== null ? (data as { type?: unknown }).type : undefined
    const kind = typeof type === 'string' ? type : 'something that is no signal'
    this.#owner.tell({ event: 'signalled', link: this.number, direction, kind })
  }
}

/** simple-peer makes bytes of text; whether it was text is seen only where it takes a message from its channel. */
function onMessage(peer: Peer, listener: (data: unknown) => void): void {
  const inner = peer as unknown as { _onChannelMessage(event: { data: unknown }): void }
  const take = inner._onChannelMessage.bind(peer)
  inner._onChannelMessage = (event) => {
    listener(event.data)
    take(event)
  }
}

function isId(id: unknown): id is Id {
  return typeof id === 'string' || typeof id === 'number'
}
