import type { TraceEvent, TraceKind } from '../../../../test/harness/types/index.ts'

/** A recording of so many events may have been cut: what comes after its end says nothing. */
const RECORDED_AT_MOST = 60

/** Signs of life and found addresses: how many there are, and when, is chance. */
const CHANCE = new Set(['ping', 'pong', 'candidate'])

/** Sent when something has happened, to whom it concerns: their order among each other is chance. */
const UNORDERED = new Set<TraceKind>(['event', 'signal', 'frame', 'close'])

/**
 * The id of the learner's first message that the reference's run of the same check did not have in that place, or
 * undefined when the two conversations are alike as far as they go.
 *
 * Messages are compared in order within one direction and kind (responses of `server` to `client`, say), so that
 * two directions may overtake each other; numbers, ids and random words do not count, and neither does how often
 * the same message came in a row, because a check that waits for something asks until it holds. What the check
 * itself and its peers sent is never the answer.
 */
export function firstDifference(own: readonly TraceEvent[], reference: readonly TraceEvent[]): number | undefined {
  const expected = streamsOf(reference)
  const isWhole = reference.length < RECORDED_AT_MOST
  const unlike = [...streamsOf(own)].flatMap(([stream, entries]) => {
    const theirs = expected.get(stream) ?? []
    return entries.find((entry, place) => {
      if (UNORDERED.has(entry.event.kind)) return isWhole && theirs.every(({ type }) => type !== entry.type)
      const other = theirs[place]
      return other === undefined ? isWhole : other.type !== entry.type
    })?.event ?? []
  })
  const ids = new Set(unlike.map(({ id }) => id))
  return own.find(({ id }) => ids.has(id))?.id
}

interface Entry {
  type: string
  event: TraceEvent
}

/** What the programs sent, by direction and kind: the messages in order, of several alike in a row the first. */
function streamsOf(trace: readonly TraceEvent[]): Map<string, Entry[]> {
  const programs = programsOf(trace)
  const streams = new Map<string, Entry[]>()
  for (const event of trace) {
    if (CHANCE.has(event.summary) || !programs.has(event.from)) continue
    const stream = `${roleOf(event.from)} ${roleOf(event.to)} ${event.kind}`
    const entries = streams.get(stream) ?? []
    const type = typeOf(event)
    if (entries.at(-1)?.type !== type) entries.push({ type, event })
    streams.set(stream, entries)
  }
  return streams
}

/** Only the learner's programs are asked over HTTP by the check's client. */
function programsOf(trace: readonly TraceEvent[]): Set<string> {
  return new Set(trace.filter(({ kind, from }) => from === 'client' && kind !== 'frame').map(({ to }) => to))
}

/** `ben-oilfksaya` plays Ben in this run; in another the random word is another. */
function roleOf(name: string): string {
  return name.replace(/-[a-z]{6,10}$/, '-*')
}

/** What is the same in two runs of one check: a response's status and media type, a request's method and its path's shape. */
function typeOf({ kind, summary, lost }: TraceEvent): string {
  const words = summary.split(' ')
  const end = lost === true ? ' lost' : ''
  if (kind === 'response') return `${words[0] ?? ''} ${/[a-z]+\/[\w.+-]+/.exec(summary)?.[0] ?? ''}${end}`
  if (kind === 'request') return `${words[0] ?? ''} ${shapeOf(words[1] ?? '')}${end}`
  if (kind === 'frame' && words[0] === 'request') return `request ${shapeOf(words[2] ?? '')}${end}`
  if (kind === 'frame' && words[0] === 'response') return `response ${words[2]?.replace(',', '') ?? ''}${end}`
  if (kind === 'close') return 'close'
  if (kind === 'event' || kind === 'signal') return `${words[0] ?? ''}${end}`
  return shapeOf(summary) + end
}

/** A path or a sentence without what is random in it: `/shows/6e6e65d8-1e57-…` and `/shows/17` are both `/shows/*`. */
function shapeOf(text: string): string {
  return text
    .replace(/\?.*/, '?')
    .replace(/%[0-9a-f]{2}/gi, '*')
    .replace(/[\w.~-]*\d[\w.~,-]*/g, '*')
    .replace(/\b[a-z]{6,10}\b/g, '*')
    .replace(/\*(?:[-\s]*\*)+/g, '*')
}
