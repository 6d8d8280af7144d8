import { setTimeout as delay } from 'node:timers/promises'
import { CheckFailure } from '../failure.ts'
import type { TestLink, TestPeer, TestPeerOptions, TraceEvent } from '../types/index.ts'
import type { HostProcess } from './host-process.ts'
import type { Happening, JoinOptions } from './messages.ts'
import { JudgeLink, type Signalled } from './test-link.ts'
import { within } from './within.ts'

const LINK_WITHIN_MS = 5_000
/** Far more than it takes on a busy machine. */
const LEAVE_WITHIN_MS = 8_000

let lastPeer = 0

/** A test peer, seen from the judge. */
export class JudgePeer implements TestPeer {
  readonly name: string
  readonly #number = ++lastPeer
  readonly #host: HostProcess
  readonly #options: JoinOptions
  readonly #onTrace: ((event: Omit<TraceEvent, 'id' | 'at'>) => void) | undefined
  readonly #links = new Map<number, JudgeLink>()
  readonly #changed = new Set<() => void>()
  #id = ''

  /** Joins the room. @throws CheckFailure when the meeting point refuses or falls silent. */
  static async join(
    host: HostProcess, options: JoinOptions, onTrace?: (event: Omit<TraceEvent, 'id' | 'at'>) => void,
  ): Promise<JudgePeer> {
    const peer = new JudgePeer(host, options, onTrace)
    const forget = host.onHappening((happening) => peer.#take(happening))
    try {
      const value = await host.call({ action: 'join', peer: peer.#number, options })
      peer.#id = (value as { id: string }).id
      return peer
    } catch (error) {
      forget()
      await peer.leave()
      throw error
    }
  }

  private constructor(host: HostProcess, options: JoinOptions, onTrace?: (event: Omit<TraceEvent, 'id' | 'at'>) => void) {
    this.#host = host
    this.#options = options
    this.#onTrace = onTrace
    this.name = options.name
    void host.ended.then(() => {
      for (const link of this.#links.values()) link.take({ event: 'closed', link: link.number })
    })
  }

  get id(): string {
    return this.#id
  }

  async linked(): Promise<string[]> {
    return [...this.#links.values()].filter(({ state }) => state === 'open').map(({ peer }) => peer.name)
  }

  async link(name: string, { withinMs = LINK_WITHIN_MS } = {}): Promise<TestLink> {
    const isOpen = (link: JudgeLink): boolean => link.peer.name === name && link.state === 'open'
    const link = await within(withinMs, this.#changed, () => [...this.#links.values()].findLast(isOpen))
    if (link) return link
    throw new CheckFailure(`No data channel between "${this.name}" and "${name}" within ${withinMs} ms.`, {
      expected: `an open data channel between "${this.name}" and "${name}"`,
      actual: this.#why(name),
    })
  }

  async behave(options: Pick<TestPeerOptions, 'answers' | 'talks'>): Promise<void> {
    await this.#host.call({ action: 'behave', peer: this.#number, options })
  }

  async leave(): Promise<void> {
    if (!this.#host.alive) return
    const left = this.#host.call({ action: 'leave', peer: this.#number }).then(() => true, () => true)
    // What a program sends may keep the host from ever coming to its turn; the run must not wait for that.
    const isLeft = await Promise.race([left, delay(LEAVE_WITHIN_MS, false, { ref: false })])
    if (!isLeft) return this.#host.giveUp()
    if (this.#options.alone) await this.#host.end()
  }

  async kill(): Promise<void> {
    if (!this.#options.alone) throw new Error(`Only a peer that is \`alone\` can be killed, and "${this.name}" is not`)
    await this.#host.kill()
  }

  #take(happening: Happening): void {
    if (happening.event === 'ready') return
    if (happening.event === 'trace') {
      if (happening.peer === this.#number) this.#onTrace?.(happening.trace)
      return
    }
    if (happening.event === 'link') {
      const { peer, link, id, name } = happening
      if (peer === this.#number) this.#links.set(link, new JudgeLink(this.#host, this.name, link, { id, name }))
      return
    }
    this.#links.get(happening.link)?.take(happening)
    for (const changed of this.#changed) changed()
  }

  /** What has been signalled so far, for the one who looks for the missing message. */
  #why(name: string): string {
    const link = [...this.#links.values()].findLast(({ peer }) => peer.name === name)
    if (!link) return `"${this.name}" has no offer from "${name}", and has not called it`
    const { sent, received } = link.signalled
    const state = link.state === 'closed' ? '; the connection has failed' : ''
    return `"${this.name}" sent ${tally(sent)} and received ${tally(received)}${state}`
  }
}

function tally(kinds: Signalled['sent']): string {
  return [...kinds].map(([kind, count]) => (count === 1 ? `1 ${kind}` : `${count} × ${kind}`)).join(', ') || 'nothing'
}
