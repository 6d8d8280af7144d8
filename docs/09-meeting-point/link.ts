import { createRouter, type Router, type RouterKind } from './router.ts'
import type { Script } from './script.ts'

export type PeerName = 'Ada' | 'Ben'

/** One of the two, as far as finding a way goes. */
export interface Side {
  name: PeerName
  router: Router
  /** How it looks from outside, as STUN says: its candidate. */
  outside: string
  /** Whether the other's description (the offer, the answer) has come. */
  hasDescription: boolean
  /** The other's endpoints to try: from candidates, and from packets that came in. */
  known: string[]
  /** Whether a packet of its own has come through. */
  hasReached: boolean
}

const STUN_ENDPOINT = '192.0.2.3:3478'

export function createSide(name: PeerName, kind: RouterKind, address: string): Side {
  const router = createRouter(kind, address)
  return { name, router, outside: router.send(STUN_ENDPOINT), hasDescription: false, known: [], hasReached: false }
}

/** Both have the other's description, and packets came through in both directions. */
export function isLinked(...sides: readonly Side[]): boolean {
  return sides.every(({ hasDescription, hasReached }) => hasDescription && hasReached)
}

/**
 * Sends what each side can send now, `first` before `second`, until nothing new can come of it. A packet that a router has
 * dropped is sent again once that router has opened another way.
 * @param tried which packets were sent already; kept from call to call
 */
export function tryPairs(script: Script, [first, second]: readonly [Side, Side], tried: Set<string>): void {
  const sends = [[first, second], [second, first]] as const
  const sendAll = (): boolean => sends.map(([from, to]) => sendChecks(script, from, to, tried)).includes(true)
  while (!isLinked(first, second) && sendAll());
}

/** True when something was sent. */
function sendChecks(script: Script, from: Side, to: Side, tried: Set<string>): boolean {
  if (!from.hasDescription) return false
  const fresh = [...from.known].filter((endpoint) => !tried.has(keyOf(from, to, endpoint)))
  for (const endpoint of fresh) {
    tried.add(keyOf(from, to, endpoint))
    if (!from.hasReached) sendCheck(script, from, to, endpoint)
  }
  return fresh.length > 0
}

function sendCheck(script: Script, from: Side, to: Side, endpoint: string): void {
  const seen = from.router.send(endpoint)
  const isIn = to.router.admits(endpoint, seen)
  script.send(from.name, to.name, 'connectivity check', { lost: !isIn })
  if (!isIn) return script.mark('has a router that drops it', to.name, 'bad')
  from.hasReached = true
  if (!to.known.includes(seen)) to.known.push(seen)
}

function keyOf(from: Side, to: Side, endpoint: string): string {
  return `${from.name} ${endpoint} ${String(to.router.openings())}`
}
