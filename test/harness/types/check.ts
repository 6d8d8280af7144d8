/** What a check's function is given: everything it can do to the learner's program, and say of it. */
import type { TestPeerOptions, TestPeer, MeetingPoint } from './peers.ts'
import type { Program } from './program.ts'
import type { BuildReport, Image } from './image.ts'

export interface RequestOptions {
  headers?: Readonly<Record<string, string>>
  /** Sent as it is. */
  body?: string | Uint8Array
  /** Sent as JSON, with its content type unless `headers` names another. */
  json?: unknown
  /** Sends the body in chunks without a Content-Length. */
  chunked?: boolean
  /** Default: what is left of the check's bound. */
  withinMs?: number
}

/**
 * An HTTP client that writes the story. Every method resolves with the reply, whatever its status,
 * and throws a `CheckFailure` when there is none (reset, garbage, time-out).
 */
export interface Client {
  readonly origin: string
  get(path: string, options?: RequestOptions): Promise<Reply>
  head(path: string, options?: RequestOptions): Promise<Reply>
  post(path: string, options?: RequestOptions): Promise<Reply>
  put(path: string, options?: RequestOptions): Promise<Reply>
  delete(path: string, options?: RequestOptions): Promise<Reply>
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>
  /** A bare TCP connection, for what a polite client never sends. */
  connect(): Promise<RawConnection>
  /** Opens an event stream (`text/event-stream`); checks status 200 and the content type. */
  events(path: string, options?: RequestOptions): Promise<EventStream>
}

/** An answer, and expectations of it. Each adds a step to the story and throws a `CheckFailure` when it does not hold. */
export interface Reply {
  readonly status: number
  readonly statusText: string
  /** Names in lower case; several lines of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** True when no other answer follows on its connection: it says `Connection: close`, or speaks HTTP/1.0 and does not say `keep-alive`. */
  readonly isLast: boolean
  readonly bytes: Uint8Array
  /** The body decoded as UTF-8. */
  readonly text: string
  hasStatus(expected: number | readonly number[]): this
  /** A string must match exactly, without regard to case for the name only. */
  hasHeader(name: string, expected?: string | RegExp): this
  lacksHeader(name: string): this
  /** The media type without its parameters: `application/json`. */
  hasContentType(mediaType: string): this
  hasText(expected: string): this
  hasEmptyBody(): this
  hasBytes(expected: Uint8Array): this
  /** Deep equality of the parsed body; the failure names the first path that differs. */
  hasJson(expected: unknown): this
  /** `{"error": "<a sentence>"}` as application/json: any non-empty string; members beside it are fine. */
  hasJsonError(): this
  /** The parsed body; throws a `CheckFailure` when the content type or the text is not JSON. */
  json<T = unknown>(): T
  /** An expectation of your own, phrased as what must hold: `'the id is a non-empty string'`. */
  satisfies(what: string, holds: (reply: Reply) => boolean, actual?: (reply: Reply) => unknown): this
}

export interface RawConnection {
  send(data: string | Uint8Array): Promise<void>
  /** One byte a packet, `gapMs` apart (default 1). */
  sendSlowly(data: string | Uint8Array, gapMs?: number): Promise<void>
  /** The next answer on this connection. `forMethod: 'HEAD'` expects no body. */
  reply(options?: { withinMs?: number; forMethod?: string }): Promise<Reply>
  /** Half-closes: says that nothing more will be sent. */
  end(): void
  /** Drops the connection with a TCP reset. */
  reset(): void
  /** Resolves when the other side has closed. */
  closed(options?: { withinMs?: number }): Promise<void>
}

export interface ServerSentEvent {
  /** `message` when the stream names none. */
  event: string
  data: string
  id?: string
  /** Set instead of data on a comment line. */
  comment?: string
}

export interface EventStream {
  readonly reply: Reply
  /** The next event (of that name, when given; others are kept for later calls); throws a `CheckFailure` when none comes in time. */
  next(event?: string, options?: { withinMs?: number }): Promise<ServerSentEvent>
  /** All events received and not yet taken by `next`. */
  pending(): readonly ServerSentEvent[]
  /** Resolves when the server has ended the stream. */
  ended(options?: { withinMs?: number }): Promise<void>
  close(): void
}

/** Seeded random values that are never degenerate: no empty text, no zero, no two alike. */
export interface RandomValues {
  readonly seed: number
  /** Lower-case letters, 6 to 10. */
  word(): string
  /** Between the two, both included. */
  integer(min: number, max: number): number
  bytes(length: number): Uint8Array
  pick<T>(values: readonly T[]): T
}

/** Another running copy of the learner's program. */
export interface Copy {
  readonly name: string
  readonly program: Program
  readonly client: Client
}

export interface CopyOptions {
  /** Names the copy in story and trace; also the default of the environment's NAME. */
  name: string
  /** Undefined takes a variable away. */
  env?: Readonly<Record<string, string | undefined>>
  /** True: a copy of this check alone; false (default): one of that name serves all checks of a run that ask with the same env. */
  own?: boolean
  /** True: it may end by itself instead of becoming ready, and that is for the check to judge. Default false. */
  mayEnd?: boolean
  /** True: where it asks for every address, it gets every address. Default false: loopback alone, so that no network reaches it. */
  everyAddress?: boolean
}

export interface CheckContext {
  /** To the learner's program, through the recorder. */
  client: Client
  /** The learner's program itself. With `--url` its use skips the check by name. */
  program: Program
  random: RandomValues
  /** Aborted when the check's bound has passed. */
  signal: AbortSignal
  /** Adds a line to the story. */
  note(text: string): void
  /** Fails the check unless `holds`. `what` says what must hold: `'the two answers carry the same id'`. */
  expect(what: string, holds: boolean, values?: { expected?: unknown; actual?: unknown }): void
  /** Fails the check at once. */
  fail(message: string, values?: { expected?: unknown; actual?: unknown }): never
  /**
   * Repeats `attempt` (after 20 ms, then more and more rarely, up to 160 ms) until it no longer throws a `CheckFailure`, and returns its value;
   * when `withinMs` has passed, fails with the last one's message. The story keeps the last attempt only.
   */
  eventually<T>(what: string, withinMs: number, attempt: () => Promise<T> | T): Promise<T>
  /**
   * Does `work` of many requests that the story tells as one step: `'50 clients write at once'`. Where a request of it fails, the
   * steps until then are told.
   */
  inOneStep<T>(what: string, work: () => Promise<T>): Promise<T>
  /**
   * Tells a number of this program beside the check's result, whether it passes or fails; it is kept with the version that was judged.
   * The same name again replaces it. `value` must be finite.
   */
  measure(name: string, value: number, unit?: string): void
  sleep(ms: number): Promise<void>
  /** Ends the check as skipped, with the reason. */
  skip(reason: string): never
  /** Starts another copy of the learner's program and waits until it is ready. Skips the check with `--url`. */
  copy(options: CopyOptions): Promise<Copy>
  /**
   * Labs with an image only: builds it from the folder of the judged file, once for all checks of a run. Skips the check where no file
   * is judged.
   */
  build(): Promise<BuildReport>
  /** The image. Skips the check when it was not built: the check that calls `build` tells why. */
  image(): Promise<Image>
  /** Peer labs only: the meeting point and room of this run, which the program was started with. */
  meeting: { point: MeetingPoint; room: string; name: string }
  /**
   * A meeting point of this check's own. `splitsEvents`: the first two events of an inbox come in two pieces each, cut in the
   * middle of a letter where they can be.
   */
  meetingPoint(options?: { splitsEvents?: boolean }): Promise<MeetingPoint>
  /** A peer that the check plays, on simple-peer, in a process beside the judge. Closed when the check ends. */
  peer(options: TestPeerOptions): Promise<TestPeer>
  /** Runs when the check ends, however it ends; last in, first out. */
  onEnd(cleanUp: () => void | Promise<void>): void
}

export interface CheckOptions {
  /** The concept; where the chapter explains it; what to change. Each at most 50 words, none gives the code away. */
  hints: readonly [concept: string, where: string, change: string]
  /** Bound of this check in milliseconds. Default 5 000. */
  withinMs?: number
  /**
   * True: it plays peers in a lab of servers. Its bound begins once there is a process for them: what the
   * machine takes to start one is no fault of the program. Default false.
   */
  playsPeers?: boolean
  /**
   * True: it mostly waits. Where all checks run at once it begins a moment before the others, so that they
   * are done when its waiting is. Default false.
   */
  waits?: boolean
}

export interface LabOptions {
  /** The title of the chapter: `The programme guide`. */
  title: string
  /**
   * `server`: one HTTP server. `peer`: also gets SIGNAL_URL, ROOM, NAME and LINK_TO, and the checks can play peers.
   */
  program: 'server' | 'peer'
  /** More variables for the program's environment. */
  env?: Readonly<Record<string, string>>
  /** Packages that a warm spare has imported. Default: express; for peers simple-peer and wrtc too. */
  preload?: readonly string[]
  /**
   * True runs all checks at once, for labs that mostly wait. A check that fails in company is run
   * once more alone on a fresh program, and that is its result. A number runs so many at once, in their order,
   * for labs whose checks start programs of their own. Default false.
   */
  concurrent?: boolean | number
  /** How many copies beside the program itself are kept warm. Default 0. */
  copies?: number
  /** The bound of a whole run in milliseconds, for a lab whose checks start many programs. Default 60 000. */
  runMs?: number
  /** An image is built from the judged file's folder. */
  image?: ImageOptions
}

/** What an image is built with, beside the learner's folder. */
export interface ImageOptions {
  /** The folder of the lab's own npm packages, from the workbook's folder on: `<name>-<version>/` each. */
  packages: string
  /** What lies around in the folder while somebody works there: paths and contents. The learner's own folder is not touched. */
  planted: Readonly<Record<string, string>>
}

export interface CheckDefinition extends CheckOptions {
  id: string
  title: string
  run: (context: CheckContext) => Promise<void>
}

export interface LabDefinition extends LabOptions {
  slug: string
  checks: readonly CheckDefinition[]
}
