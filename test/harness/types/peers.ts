/** Peers and meeting points that a check plays. */
import type { TraceEvent } from './verdict.ts'

export interface TestPeerOptions {
  /** Default: the run's own meeting point and room. */
  signalUrl?: string
  room?: string
  name: string
  /**
   * Whom to call of those who are there already. Default: everyone. An empty list: nobody.
   * Calls of others are always answered.
   */
  linkTo?: readonly string[]
  /** What `/about` answers beside the name. */
  about?: Readonly<Record<string, unknown>>
  /** Titles and their bytes, served under `/library/<title>`. */
  library?: Readonly<Record<string, Uint8Array>>
  /** False: never answers a request frame. Default true. */
  answers?: boolean
  /** False: sends nothing at all once linked, no ping, no pong, no answer. Default true. */
  talks?: boolean
  /** Its links carry so many bytes a second each way and no more. Default: what the machine can. */
  bytesPerSecond?: number
  /** True: a process of its own, which `kill()` can end by SIGKILL. Default false: shared with other test peers. */
  alone?: boolean
}

export interface PeerFrame {
  /** As it came. */
  text: string
  bytes: number
  /** The parsed object; undefined when it is not a JSON object. */
  json?: Record<string, unknown>
}

export interface Answer {
  status: number
  body: Uint8Array
  /** How many response frames carried it, and the largest of them in bytes. */
  frames: number
  largestFrame: number
  /** How many frames of the link have come as bytes and not as text, whatever they said. */
  binaryFrames: number
}

/** What came between a ping, sent in the middle of an answer, and its pong. */
export interface QueueProbe {
  waitingBytes: number
  /** Response frames until then. */
  frames: number
}

/** An open data channel between a test peer and one other. */
export interface TestLink {
  readonly peer: { id: string; name: string }
  /** An object goes as JSON text, text and bytes as they are. */
  send(frame: object | string | Uint8Array): Promise<void>
  /** The next frame not yet taken, of that type when given; throws a `CheckFailure` when none comes in time (default 2 000). */
  next(type?: string, options?: { withinMs?: number }): Promise<PeerFrame>
  /** Sends a request frame and gathers its answer; throws a `CheckFailure` when none comes in time (default 2 000). */
  ask(path: string, options?: { withinMs?: number; id?: string | number }): Promise<Answer>
  /**
   * Asks for a path, pings in the middle of the answer, and counts what comes before the pong: what the
   * partner had queued. Throws a `CheckFailure` when no pong comes in time (default 5 000).
   */
  probeQueue(path: string, options?: { withinMs?: number }): Promise<QueueProbe>
  /** Resolves when the channel has closed; throws a `CheckFailure` after `withinMs`. */
  closed(options?: { withinMs?: number }): Promise<void>
  /** Closes the channel politely. */
  close(): Promise<void>
}

export interface TestPeer {
  readonly id: string
  readonly name: string
  /** Names of those linked now. */
  linked(): Promise<string[]>
  /** Waits for an open channel with the peer of that name; throws a `CheckFailure` after `withinMs` (default 5 000). */
  link(name: string, options?: { withinMs?: number }): Promise<TestLink>
  /** Changes what it does from now on, for example `{talks: false}`. */
  behave(options: Pick<TestPeerOptions, 'answers' | 'talks'>): Promise<void>
  /** Leaves the room and closes its links. */
  leave(): Promise<void>
  /** SIGKILL to its process; only for `alone` peers. */
  kill(): Promise<void>
}

/** The signalling server of lab 09's contract, in the judge's own process. */
export interface MeetingPoint {
  readonly url: string
  /** The same without shaking, for a reader that takes its time to open a broken stream again, as browsers do. */
  readonly straightUrl: string
  /** Names of those in a room now. */
  names(room: string): string[]
  /** Drops every connection and closes the port, as a crash would. */
  close(): Promise<void>
}

export interface PeerKit {
  meetingPoint(options?: { leaveMs?: number; splitsEvents?: boolean; onTrace?: (event: Omit<TraceEvent, 'id' | 'at'>) => void }): Promise<MeetingPoint>
  /** `signalUrl` and `room` are required here. */
  peer(
    options: TestPeerOptions & { signalUrl: string; room: string },
    onTrace?: (event: Omit<TraceEvent, 'id' | 'at'>) => void,
  ): Promise<TestPeer>
  /** How many processes of test peers have ended so far though nobody ended them: wrtc is native code, and can crash. */
  crashes(): number
  /** Keeps a peer process waiting, so that the next run does not pay for its start. */
  prepare(): void
  /** Resolves once the process of the test peers has started. Never rejects: the first peer tells what went wrong. */
  ready(): Promise<void>
  close(): Promise<void>
}
