import type { MessageHead } from './message-head.ts'
import { MessageReader } from './message-reader.ts'
import type { AfterHead } from './message-reader.ts'
import { MessageRecord } from './message-record.ts'
import type { Direction } from './message-record.ts'
import { createEventRecorder } from './event-recorder.ts'

export type Side = 'client' | 'server'
export type Ending = 'closed' | 'reset'

/** A request that waits for its answer. */
interface Waiting {
  method: string
  record: MessageRecord
}

/** What is said on one connection, written to the trace as it is said. Only listens: never throws, never holds a byte up. */
export class Conversation {
  readonly #upward: Direction
  readonly #downward: Direction
  readonly #requests: MessageReader
  readonly #answers: MessageReader
  readonly #waiting: Waiting[] = []
  #request: MessageRecord | undefined
  #answer: MessageRecord | undefined
  /** The answer's head has come, its end has not. */
  #isAnswering = false
  #addEvents: ((bytes: Buffer) => void) | undefined
  #first: { side: Side; ending: Ending } | undefined
  /** What the server says is not HTTP: it cannot be told what is missing. */
  #hasRawAnswer = false
  /** The reader of the events can say which it has seen. */
  #hasEventId = false
  /** The last request asked to keep the connection, in as many words. */
  #isToBeKept = false
  #isConcluded = false

  constructor(upward: Direction) {
    this.#upward = upward
    this.#downward = { ...upward, from: upward.to, to: upward.from }
    this.#requests = new MessageReader('REQUEST', {
      onHead: (head) => this.#onRequest(head),
      onBody: (bytes) => this.#request?.addBody(bytes),
      onEnd: () => { this.#request = undefined },
      onRaw: (bytes) => { (this.#request ??= new MessageRecord(this.#upward)).addRaw(bytes) },
    })
    this.#answers = new MessageReader('RESPONSE', {
      onHead: (head) => this.#onAnswer(head),
      onBody: (bytes) => this.#onAnswerBody(bytes),
      onEnd: () => this.#onAnswerEnd(),
      onRaw: (bytes) => this.#onAnswerRaw(bytes),
    })
  }

  fromClient(bytes: Buffer): void {
    this.#requests.feed(bytes)
    const partial = this.#requests.partialHead()
    if (partial.length > 0) (this.#request ??= new MessageRecord(this.#upward)).showPartial(partial)
  }

  fromServer(bytes: Buffer): void {
    this.#answers.feed(bytes)
    const partial = this.#answers.partialHead()
    if (partial.length > 0) (this.#answer ??= new MessageRecord(this.#downward)).showPartial(partial)
  }

  /** One side has said its last. */
  ended(side: Side, ending: Ending): void {
    this.#first ??= { side, ending }
    if (side === 'server' && ending === 'closed') this.#answers.finish()
    // A client that has closed its side may still wait for the answer.
    if (side === 'server' || ending === 'reset') this.#conclude(this.#first.side, this.#first.ending)
  }

  /** The recorder goes: whoever had closed already is said to have. */
  abandon(): void {
    if (this.#first !== undefined) this.#conclude(this.#first.side, this.#first.ending)
  }

  /** True between two exchanges on a connection that its client wants to keep and finds out about when it does not. */
  get isIdle(): boolean {
    const isSilent = this.#request === undefined && this.#answer === undefined && this.#waiting.length === 0
    return isSilent && this.#isToBeKept && !this.#isAnswering && this.#first === undefined
  }

  /** True while the server sends events, and the reader has seen one to go on from: without one it would lose what was under way. */
  get isResumable(): boolean {
    return this.#isAnswering && this.#answer?.isEventStream === true && this.#hasEventId
  }

  /** Neither side has ended it: the line between them has. */
  broken(when: string): void {
    if (this.#isConcluded) return
    this.#isConcluded = true
    const { trace, from, to, connection } = this.#downward
    trace.add({ from, to, kind: 'close', summary: `the line broke ${when}`, detail: { connection } })
  }

  /** The program did not take the connection. */
  refused(reason: string): void {
    const { trace, from, to, connection } = this.#upward
    for (const { record } of this.#waiting) record.event.lost = true
    if (this.#request !== undefined) this.#request.event.lost = true
    trace.add({ from, to, kind: 'connect', summary: reason, detail: { connection }, lost: true })
    this.#isConcluded = true
  }

  #onRequest(head: MessageHead): AfterHead {
    const record = (this.#request ??= new MessageRecord(this.#upward))
    record.showHead('request', head)
    this.#hasEventId = head.headers['last-event-id'] !== undefined
    this.#isToBeKept = head.headers['connection']?.toLowerCase() === 'keep-alive'
    this.#waiting.push({ method: head.method, record })
    return 'body'
  }

  #onAnswer(head: MessageHead): AfterHead {
    const record = (this.#answer ??= new MessageRecord(this.#downward))
    record.showHead('response', head)
    this.#isAnswering = true
    if (head.status === 101) {
      this.#waiting.shift()
      return 'upgrade'
    }
    if (head.status < 200) return 'no-body'
    const request = this.#waiting.shift()
    this.#addEvents = record.isEventStream ? createEventRecorder(this.#downward, () => { this.#hasEventId = true }) : undefined
    return request?.method === 'HEAD' ? 'no-body' : 'body'
  }

  #onAnswerBody(bytes: Buffer): void {
    this.#answer?.addBody(bytes)
    this.#addEvents?.(bytes)
  }

  #onAnswerEnd(): void {
    this.#answer = undefined
    this.#isAnswering = false
    this.#addEvents = undefined
  }

  #onAnswerRaw(bytes: Buffer): void {
    const record = (this.#answer ??= new MessageRecord(this.#downward))
    if (this.#isAnswering) record.addBody(bytes)
    else record.addRaw(bytes)
    this.#waiting.length = 0
    this.#hasRawAnswer = true
  }

  #conclude(side: Side, ending: Ending): void {
    if (this.#isConcluded) return
    this.#isConcluded = true
    const summary = this.#whatIsMissing(side)
    if (summary === undefined) return
    const { trace, from, to, connection } = side === 'client' ? this.#upward : this.#downward
    const verb = ending === 'reset' ? 'reset' : 'closed'
    trace.add({ from, to, kind: 'close', summary: `${verb} the connection ${summary}`, detail: { connection } })
  }

  /** Marks what never arrived whole. Undefined: nothing is missing. */
  #whatIsMissing(side: Side): string | undefined {
    if (this.#isAnswering && this.#answer?.isEventStream && side === 'client') return 'while the event stream was open'
    if (this.#isAnswering && this.#answer !== undefined) {
      this.#answer.event.lost = true
      return 'in the middle of the answer'
    }
    for (const { record } of this.#waiting) record.event.lost = true
    const request = this.#waiting[0]?.record.event ?? this.#request?.event
    if (request === undefined || this.#hasRawAnswer) return undefined
    request.lost = true
    return request.kind === 'raw' ? 'before an answer' : `before the answer to ${request.summary}`
  }
}
