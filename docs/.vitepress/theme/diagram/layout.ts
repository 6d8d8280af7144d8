import type { TraceEvent } from '../../../../test/harness/types/index.ts'
import { visibleText } from './visible-text.ts'

/** An event with its place in the picture. Across in percent of the width, down in pixels. */
export interface Arrow {
  event: TraceEvent
  fromX: number
  /** Where it ends: short of its goal when it was lost. */
  toX: number
  y: number
  label: string
  /** How much of the label a narrow picture has room for, in characters. */
  narrow: number
  labelX: number
  anchor: 'start' | 'middle' | 'end'
  time: string
}

export interface Diagram {
  participants: { name: string; x: number }[]
  arrows: Arrow[]
  /** Pixels. */
  height: number
  /** Events before the first arrow, which the text lists and the picture leaves out. */
  skipped: number
  /** Events beyond {@link MAX_ARROWS}, likewise. */
  left: number
}

/** More make a picture that nobody reads. */
export const MAX_ARROWS = 60

const TOP_PX = 44
const ROW_PX = 38
const LEFT_PERCENT = 22
const RIGHT_PERCENT = 88
/** What fits above an arrow in a picture as wide as a page's column, and on a telephone. */
const LABEL_CHARACTERS = 40
const NARROW_CHARACTERS = 25

/**
 * Places a trace's participants and events. Those who speak first stand to the left.
 * @param skipped how many events at the beginning are not drawn; default 0
 */
export function layOut(trace: readonly TraceEvent[], skipped = 0): Diagram {
  const shown = trace.slice(skipped, skipped + MAX_ARROWS)
  const names = participantsOf(trace).filter((name) => shown.some(({ from, to }) => name === from || name === to))
  const step = names.length > 1 ? (RIGHT_PERCENT - LEFT_PERCENT) / (names.length - 1) : 0
  const participants = names.map((name, index) => ({ name, x: LEFT_PERCENT + index * step }))
  const xOf = new Map(participants.map(({ name, x }) => [name, x]))
  const arrows = shown.map((event, index) => {
    return arrowOf(event, xOf.get(event.from) ?? 0, xOf.get(event.to) ?? 0, TOP_PX + (index + 1) * ROW_PX)
  })
  return { participants, arrows, height: TOP_PX + (arrows.length + 0.5) * ROW_PX, skipped, left: trace.length - skipped - shown.length }
}

/** `1.2 ms` under 10 ms, `240 ms`, `1.24 s` from a second on. */
export function timeText(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(2)} s`
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : `${ms.toFixed(0)} ms`
}

/** One event in words: `client to program: GET /shows (never arrived)`. */
export function sentenceOf(event: TraceEvent): string {
  return `${event.from} to ${event.to}: ${visibleText(event.summary)}${event.lost === true ? ' (never arrived)' : ''}`
}

/** The id of the last message that reached the one who asked first: what a failed check looked at last. */
export function lastAnswer(trace: readonly TraceEvent[]): number | undefined {
  const asker = trace[0]?.from
  return trace.findLast(({ to, kind }) => to === asker && kind !== 'connect' && kind !== 'close')?.id
}

function participantsOf(trace: readonly TraceEvent[]): string[] {
  return [...new Set(trace.flatMap(({ from, to }) => [from, to]))]
}

function arrowOf(event: TraceEvent, fromX: number, goalX: number, y: number): Arrow {
  const toX = event.lost === true ? fromX + (goalX - fromX) * 0.6 : goalX
  const middle = (fromX + goalX) / 2
  return {
    event,
    fromX,
    toX,
    y,
    label: cut(visibleText(event.summary), LABEL_CHARACTERS),
    narrow: cut(visibleText(event.summary), NARROW_CHARACTERS).replace(/…$/, '').length,
    time: timeText(event.at),
    ...labelPlace(middle, Math.min(fromX, goalX), Math.max(fromX, goalX)),
  }
}

/** Near an edge the label begins or ends with its arrow, so that it stays inside the picture. */
function labelPlace(middle: number, left: number, right: number): Pick<Arrow, 'labelX' | 'anchor'> {
  if (middle < 44) return { labelX: left + 1, anchor: 'start' }
  if (middle > 64) return { labelX: right - 1, anchor: 'end' }
  return { labelX: middle, anchor: 'middle' }
}

/** Between two words, so that what is shown is a part of what it is called. */
function cut(text: string, characters: number): string {
  if (text.length <= characters) return text
  const whole = text.slice(0, characters).replace(/[\p{L}\p{N}]+$/u, '').trimEnd()
  return `${whole === '' ? text.slice(0, characters - 1) : whole}…`
}
