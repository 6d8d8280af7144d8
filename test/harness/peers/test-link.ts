import { CheckFailure } from '../failure.ts'
import type { Answer, PeerFrame, QueueProbe, TestLink } from '../types/index.ts'
import { parseFrame, summarize } from './frames.ts'
import type { HostProcess } from './host-process.ts'
import type { Happening } from './messages.ts'
import { within } from './within.ts'

const DEFAULT_WITHIN_MS = 2_000
const PROBE_WITHIN_MS = 5_000
/** Frames nobody has asked for; the oldest are forgotten, so that a flood cannot fill the memory. */
const MAX_KEPT_FRAMES = 5_000

/** What was signalled between the two ends of a link, by kind. */
export type Signalled = Record<'sent' | 'received', Map<string, number>>

/** One end of a data channel, seen from the judge. */
export class JudgeLink implements TestLink {
  readonly number: number
  readonly peer: { id: string; name: string }
  readonly signalled: Signalled = { sent: new Map(), received: new Map() }
  state: 'dialling' | 'open' | 'closed' = 'dialling'
  /** Why it had to be cut. */
  #whyCut: string | undefined
  readonly #host: HostProcess
  readonly #owner: string
  readonly #changed = new Set<() => void>()
  #frames: PeerFrame[] = []

  constructor(host: HostProcess, owner: string, number: number, peer: { id: string; name: string }) {
    this.#host = host
    this.#owner = owner
    this.number = number
    this.peer = peer
  }

  async send(frame: object | string | Uint8Array): Promise<void> {
    const data = typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame)
    await this.#host.call({ action: 'send', link: this.number, data })
  }

  async next(type?: string, { withinMs = DEFAULT_WITHIN_MS } = {}): Promise<PeerFrame> {
    const found = await within(withinMs, this.#changed, () => this.#takeFrame(type))
    if (found) return found
    const what = type === undefined ? 'frame' : `"${type}" frame`
    const types = [...new Set(this.#frames.map(({ json, bytes }) => summarize(json, bytes)))].slice(0, 10)
    throw new CheckFailure(`${this.peer.name} sent "${this.#owner}" no ${what} within ${withinMs} ms.`, {
      expected: `a ${what}`,
      actual: this.state === 'closed' ? this.#whyCut ?? 'the data channel is closed' : types.length > 0 ? `only: ${types.join(', ')}` : 'nothing',
    })
  }

  async ask(path: string, { withinMs = DEFAULT_WITHIN_MS, id }: { withinMs?: number; id?: string | number } = {}): Promise<Answer> {
    return (await this.#host.call({ action: 'ask', link: this.number, path, id, withinMs })) as Answer
  }

  async probeQueue(path: string, { withinMs = PROBE_WITHIN_MS } = {}): Promise<QueueProbe> {
    return (await this.#host.call({ action: 'probe', link: this.number, path, withinMs })) as QueueProbe
  }

  async closed({ withinMs = DEFAULT_WITHIN_MS } = {}): Promise<void> {
    const closed = await within(withinMs, this.#changed, () => this.state === 'closed' || undefined)
    if (closed) return
    throw new CheckFailure(`The data channel between "${this.#owner}" and ${this.peer.name} did not close within ${withinMs} ms.`)
  }

  async close(): Promise<void> {
    await this.#host.call({ action: 'close', link: this.number })
  }

  /** Takes what the host tells of this link. */
  take(happening: Happening): void {
    if (happening.event === 'open') this.state = 'open'
    if (happening.event === 'closed') {
      this.state = 'closed'
      this.#whyCut = happening.why
    }
    if (happening.event === 'signalled') {
      const tally = this.signalled[happening.direction]
      tally.set(happening.kind, (tally.get(happening.kind) ?? 0) + 1)
    }
    if (happening.event === 'frame') {
      const { text, bytes } = happening
      this.#frames.push({ text, bytes, json: parseFrame(text) })
      if (this.#frames.length > MAX_KEPT_FRAMES) this.#frames.shift()
    }
    for (const changed of this.#changed) changed()
  }

  #takeFrame(type: string | undefined): PeerFrame | undefined {
    const index = this.#frames.findIndex(({ json }) => type === undefined || json?.type === type)
    return index < 0 ? undefined : this.#frames.splice(index, 1)[0]
  }
}
