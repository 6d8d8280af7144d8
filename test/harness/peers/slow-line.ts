import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'

interface Address {
  address: string
  port: number
}

/** Beyond this much on its way, a line loses what comes: no sender may fill the memory here. */
const MAX_ON_THE_WAY_BYTES = 4_194_304

/**
 * One of the two ways into the line: a UDP socket that stands for the peer at the other end. What comes in
 * here leaves at the other way in, later.
 */
class WayIn {
  readonly #socket: Socket = createSocket('udp4')
  /** Where its own peer can be reached: every address it has named, until one has spoken. */
  #named: Address[] = []
  #spoken: Address | undefined

  async open(onPacket: (packet: Buffer) => void): Promise<void> {
    this.#socket.on('error', () => {})
    this.#socket.on('message', (packet: Buffer, { address, port }: RemoteInfo) => {
      this.#spoken = { address, port }
      onPacket(packet)
    })
    this.#socket.bind(0)
    await once(this.#socket, 'listening')
    this.#socket.unref()
  }

  get port(): number {
    return this.#socket.address().port
  }

  name(address: Address): void {
    this.#named.push(address)
  }

  /** Hands a packet to its own peer. */
  deliver(packet: Buffer): void {
    for (const { address, port } of this.#spoken === undefined ? this.#named : [this.#spoken]) {
      // A packet that cannot be sent is lost, as packets are.
      this.#socket.send(packet, port, address, () => {})
    }
  }

  close(): void {
    this.#socket.close()
  }
}

/**
 * A line between two WebRTC peers that carries so many bytes a second each way and no more, whatever the
 * machine could do: each peer is told the line's address in the place of the other's. Pass every signal
 * through {@link outgoing} or {@link incoming}.
 */
export class SlowLine {
  readonly #bytesPerSecond: number
  readonly #near = new WayIn()
  readonly #far = new WayIn()
  readonly #opened: Promise<void>
  #isClosed = false

  /** @param bytesPerSecond each way */
  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond
    this.#opened = Promise.all([
      this.#near.open(this.#carry(this.#far)),
      this.#far.open(this.#carry(this.#near)),
    ]).then(() => undefined)
  }

  /** A signal of the near peer, as the far one is to see it; undefined when it should not see it. */
  async outgoing(signal: unknown): Promise<unknown> {
    await this.#opened
    return rewrite(signal, this.#near, this.#far.port)
  }

  /** A signal of the far peer, as the near one is to see it; undefined when it should not see it. */
  async incoming(signal: unknown): Promise<unknown> {
    await this.#opened
    return rewrite(signal, this.#far, this.#near.port)
  }

  close(): void {
    this.#isClosed = true
    void this.#opened.then(() => {
      this.#near.close()
      this.#far.close()
    })
  }

  /** A packet leaves when those before it have, and its own bytes have taken their time. */
  #carry(to: WayIn): (packet: Buffer) => void {
    let freeAtMs = 0
    return (packet) => {
      const nowMs = performance.now()
      const beginsAtMs = Math.max(nowMs, freeAtMs)
      const waitingBytes = ((beginsAtMs - nowMs) * this.#bytesPerSecond) / 1_000
      if (waitingBytes > MAX_ON_THE_WAY_BYTES) return
      freeAtMs = beginsAtMs + (packet.length / this.#bytesPerSecond) * 1_000
      setTimeout(() => {
        if (!this.#isClosed) to.deliver(packet)
      }, freeAtMs - nowMs)
    }
  }
}

/** Notes a peer's own addresses and puts the line's port in their place, in candidates and descriptions alike. */
function rewrite(signal: unknown, own: WayIn, port: number): unknown {
  if (typeof signal !== 'object' || signal === null) return signal
  const { sdp, candidate } = signal as { sdp?: unknown; candidate?: unknown }
  if (typeof sdp === 'string') {
    const lines = sdp.split(/(?<=\n)/).map((line) => (/^a=candidate:/.test(line) ? through(line, own, port) : line))
    return { ...signal, sdp: lines.join('') }
  }
  const line = (candidate as { candidate?: unknown } | null | undefined)?.candidate
  if (typeof line !== 'string' || line === '') return signal
  const rewritten = through(line, own, port)
  return rewritten === '' ? undefined : { ...signal, candidate: { ...(candidate as object), candidate: rewritten } }
}

/** One candidate with the line's port; empty for one that the line cannot carry. @see RFC 8839, section 5.1 */
function through(line: string, own: WayIn, port: number): string {
  const match = /^(?<before>\S+ \d+ udp \d+ )(?<address>\d+\.\d+\.\d+\.\d+) (?<port>\d+)(?<after> typ host.*)$/is.exec(line)
  if (match?.groups === undefined) return ''
  const { before = '', address = '', after = '' } = match.groups
  own.name({ address, port: Number(match.groups.port) })
  return `${before}${address} ${port}${after}`
}
