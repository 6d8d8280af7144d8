import type { TraceEvent } from '../../types/index.ts'

/** More exchanges than this are nothing to look at one by one. */
const MAX_EXCHANGES = 40

/** One request of a recorded conversation, and what came of it. */
export interface PlannedExchange {
  request: TraceEvent
  /** Its answer, or the close that came instead. Undefined: nothing came while the check waited. */
  answer?: TraceEvent
}

/** How a recorded conversation can be had again. */
export type Plan =
  | { kind: 'exchanges'; exchanges: PlannedExchange[] }
  /** Not message by message: the whole check has to be run. */
  | { kind: 'rerun'; reason: string }

/**
 * Whether the messages of a check can be sent again one after the other, just as they were.
 * @param main the name of the learner's own program in the trace
 */
export function planReplay(trace: readonly TraceEvent[], main: string): Plan {
  const reason = reasonAgainst(trace, main)
  if (reason !== undefined) return { kind: 'rerun', reason }
  const exchanges: PlannedExchange[] = []
  for (const event of trace) {
    if (event.from === 'client' && event.kind === 'request') exchanges.push({ request: event })
    const open = exchanges.findLast(({ request, answer }) => answer === undefined && isSameConnection(request, event))
    if (open !== undefined && event.from === main && isAnswer(event)) open.answer = event
  }
  return { kind: 'exchanges', exchanges }
}

/** The body as the bytes that were sent, or undefined when the trace did not keep it whole. */
export function sentBody({ detail }: TraceEvent): Buffer | undefined {
  const bytes = Buffer.from(detail.body ?? '', 'utf8')
  // A body that was cut, or whose bytes are no text, is shown with another length.
  return bytes.length === (detail.bodyBytes ?? 0) ? bytes : undefined
}

function reasonAgainst(trace: readonly TraceEvent[], main: string): string | undefined {
  const requests = trace.filter(({ from, kind }) => from === 'client' && kind === 'request')
  const kinds = new Set(trace.map(({ kind }) => kind))
  if (kinds.has('frame') || kinds.has('signal')) return 'its messages went over WebRTC, where each run needs connections of its own'
  if (kinds.has('event')) return 'it reads an event stream, which goes on for as long as somebody listens'
  if (trace.some(({ from, to }) => from !== 'client' && to !== 'client')) return 'others than its client spoke to your program'
  if (trace.some(({ from, kind }) => from === 'client' && (kind === 'raw' || kind === 'close'))) {
    return 'it sends less than whole requests, and the trace does not say when'
  }
  if (requests.length === 0) return 'it sent no request'
  if (requests.some(({ to }) => to !== main)) return 'it speaks to other copies of your program, too'
  if (requests.length > MAX_EXCHANGES) return `it sends ${String(requests.length)} requests, too many to look at one by one`
  if (requests.some((request) => !isWhole(request))) return 'the trace keeps only the beginning of a body that it sends'
  return overlaps(trace) ? 'it has several requests under way at once' : undefined
}

/** A head of plain ASCII and the body that it announced. */
function isWhole(request: TraceEvent): boolean {
  const { head = '' } = request.detail
  const body = sentBody(request)
  const announced = /^content-length: *(\d+) *$/im.exec(head)?.[1]
  return body !== undefined && /^[\n\x20-\x7e]+$/.test(head) && (announced === undefined || Number(announced) === body.length)
}

/** True when a request went out before the one before it was answered. */
function overlaps(trace: readonly TraceEvent[]): boolean {
  let isOpen = false
  for (const event of trace) {
    if (event.from === 'client' && event.kind === 'request') {
      if (isOpen) return true
      isOpen = true
    } else if (isAnswer(event)) isOpen = false
  }
  return false
}

/** Interim answers (100 Continue) are none. */
function isAnswer({ kind, summary }: TraceEvent): boolean {
  return kind === 'close' || kind === 'raw' || (kind === 'response' && !/^1\d\d /.test(summary))
}

function isSameConnection(one: TraceEvent, other: TraceEvent): boolean {
  return one.detail.connection === other.detail.connection
}
