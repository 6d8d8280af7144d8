/**
 * Peers for the labs: simple-peer on wrtc, with what it takes to run many of them in one Node process.
 * Chapter 09 explains this file part by part.
 */
import SimplePeer from 'simple-peer'
import wrtc from 'wrtc'

/** A simple-peer: `signal`, `send`, `destroy`, and the events `signal`, `connect`, `data` and `close`. */
export type Peer = SimplePeer.Instance

/** What a peer wants carried to its partner: `{type, sdp}` or `{type: 'candidate', candidate}`. */
export type Signal = SimplePeer.SignalData

/** How long `endProcess` waits for the partners to be told, in milliseconds. */
const FAREWELL_MS = 500

interface Description {
  type: string
  sdp: string
}

interface IceCandidate {
  candidate?: string
}

/** The parts of wrtc's connection that are changed below; its own types need a browser's. */
interface Connection {
  readonly _pc: object
  setLocalDescription(description: Description): Promise<void>
  setRemoteDescription(description: Description): Promise<void>
  addIceCandidate(candidate: IceCandidate): Promise<void>
  dispatchEvent(event: { type: string; candidate?: IceCandidate | null }): void
}

const NodeConnection = wrtc.RTCPeerConnection as unknown as new (configuration: object) => Connection

// #region connection
/**
 * wrtc's connection, made safe.
 *
 * wrtc writes out `localDescription` and `remoteDescription` on one thread while candidates are added
 * on another, and the process sometimes dies of it. So this connection remembers what was set, and
 * answers from memory.
 *
 * @see https://github.com/node-webrtc/node-webrtc/issues/696
 * @see https://github.com/feross/simple-peer/issues/812
 */
class SafeConnection extends NodeConnection {
  #local: Description | undefined
  #remote: Description | undefined

  constructor(configuration: object) {
    super(configuration)
    Object.defineProperties(this._pc, {
      localDescription: { get: () => this.#local },
      remoteDescription: { get: () => this.#remote },
    })
  }

  override setLocalDescription(description: Description): Promise<void> {
    this.#local = { type: description.type, sdp: description.sdp }
    return super.setLocalDescription(description)
  }

  override async setRemoteDescription({ type, sdp }: Description): Promise<void> {
    const remote = { type, sdp: withoutTcp(sdp) }
    await super.setRemoteDescription(remote)
    this.#remote = remote
  }
  // #endregion connection

  /** Drops the TCP candidates that wrtc finds here, and writes the others into the remembered description. */
  override dispatchEvent(event: { type: string; candidate?: IceCandidate | null }): void {
    const line = event.type === 'icecandidate' ? event.candidate?.candidate : undefined
    if (line && isTcp(line)) return
    if (line && this.#local) this.#local.sdp += `a=${line}\r\n`
    super.dispatchEvent(event)
  }

  /** Ignores the TCP candidates that a partner offers. */
  override addIceCandidate(candidate: IceCandidate): Promise<void> {
    return isTcp(candidate.candidate ?? '') ? Promise.resolve() : super.addIceCandidate(candidate)
  }
}

// #region create
/**
 * Makes one end of a connection. Give it signals with `receiveSignal`, and carry its own `signal`
 * events to the other end. Attach your listeners at once: `data` can come before `connect`.
 *
 * @param options.initiator true for the one who calls; the other end answers.
 * @param options.trickle false gathers all candidates first, so that there is one offer and one answer.
 *   Default true: candidates are sent as they are found, which connects sooner.
 */
export function createPeer({ initiator, trickle = true }: { initiator: boolean; trickle?: boolean }): Peer {
  const peer = new SimplePeer({
    initiator,
    trickle,
    wrtc: { ...wrtc, RTCPeerConnection: SafeConnection },
    // Without this line simple-peer asks two STUN servers on the internet where it is.
    config: { iceServers: [] },
  })
  // An `error` nobody listens to ends the process. `close` always follows it, and is what matters.
  peer.on('error', () => {})
  return peer
}
// #endregion create

// #region receive
/** Hands a peer what its partner has signalled. Late signals and things that are no signal are ignored. */
export function receiveSignal(peer: Peer, data: unknown): void {
  // simple-peer throws when a signal comes after the end, and a candidate often does.
  if (peer.destroyed || !isSignal(data)) return
  peer.signal(data)
}

function isSignal(data: unknown): data is Signal {
  if (typeof data !== 'object' || data === null) return false
  const { sdp, type, candidate } = data as { sdp?: unknown; type?: unknown; candidate?: unknown }
  return (typeof sdp === 'string' && typeof type === 'string') || (typeof candidate === 'object' && candidate !== null)
}
// #endregion receive

/**
 * Closes every peer, waits until each has said so, and ends the process with `code`. A process that has
 * used wrtc must end like this: its partners hear of a closed peer in a few milliseconds, but of one
 * that vanished only after seconds; and left to itself it ends late, or never.
 */
export async function endProcess(peers: Iterable<Peer>, code = 0): Promise<never> {
  const closed = [...peers].map(destroyed)
  const enough = new Promise<void>((resolve) => setTimeout(resolve, FAREWELL_MS))
  await Promise.race([Promise.all(closed), enough])
  process.exit(code)
}

/** Ends the process politely on SIGTERM and SIGINT. `peers` is asked at that moment for those still open. */
export function endOnSignal(peers: () => Iterable<Peer>): void {
  const end = (): void => void endProcess(peers())
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
}

function destroyed(peer: Peer): Promise<void> {
  return new Promise((resolve) => {
    if (peer.destroyed) return resolve()
    peer.once('close', resolve)
    peer.destroy()
  })
}

// #region tcp
/**
 * TCP candidates (RFC 6544) are no use between programs that can reach each other by UDP, and each one
 * costs a listening socket and a row of connection attempts: 28 links dialled at once grew to 19,000.
 */
function isTcp(candidate: string): boolean {
  return /^(a=)?candidate:\S+ \d+ tcp /i.test(candidate)
}

function withoutTcp(sdp: string): string {
  return sdp.split(/(?<=\n)/).filter((line) => !isTcp(line)).join('')
}
// #endregion tcp
