import { arrivalOf, momentText } from './happenings.ts'
import type { FigureEvent, FigureMark } from './types.ts'

/** A message with its place. Across in percent of the width, down in pixels. */
export interface Slant {
  event: FigureEvent
  fromX: number
  toX: number
  fromY: number
  toY: number
  label: string
  labelX: number
  labelY: number
  anchor: 'start' | 'middle' | 'end'
}

/** A mark with its place beside its node's line. */
export interface Note {
  mark: FigureMark
  x: number
  y: number
  anchor: 'start' | 'middle' | 'end'
  lines: string[]
}

export interface SequenceLayout {
  participants: { name: string; x: number }[]
  slants: Slant[]
  notes: Note[]
  /** The moments that have a row, for the times at the left edge. */
  rows: { at: number; y: number; time: string }[]
  /** Pixels. */
  height: number
}

const TOP_PX = 46
const ROW_PX = 34
const LINE_PX = 16
const LEFT_PERCENT = 26
const RIGHT_PERCENT = 80
/** What fits in a note, or above an arrow, on a narrow screen. */
const NOTE_CHARACTERS = 20
const LABEL_CHARACTERS = 30

/**
 * Places a run. Time goes down, one row a moment at which something happens, however long nothing did in between: so
 * nothing overlaps, and an arrow slants when it was under way for a while.
 * @param names who stands where, from the left; default: in order of speaking
 */
export function layOutSequence(trace: readonly FigureEvent[], marks: readonly FigureMark[] = [], names?: readonly string[]): SequenceLayout {
  const all = names ?? [...new Set(trace.flatMap(({ from, to }) => [from, to]))]
  const gap = all.length > 1 ? (RIGHT_PERCENT - LEFT_PERCENT) / (all.length - 1) : 0
  const participants = all.map((name, index) => ({ name, x: LEFT_PERCENT + index * gap }))
  const xOf = (name: string): number => participants.find((one) => one.name === name)?.x ?? LEFT_PERCENT
  const { rows, height } = rowsOf(trace, marks)
  const yOf = (at: number): number => rows.find((row) => row.at === at)?.y ?? TOP_PX
  return {
    participants,
    slants: trace.map((event) => slantOf(event, xOf, yOf)),
    notes: notesOf(marks, xOf, yOf),
    rows,
    height,
  }
}

/** Text broken between words into lines of at most `characters`, where its words allow. */
export function wrap(text: string, characters = NOTE_CHARACTERS): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < characters) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** A row is as high as what stands at its moment: the labels of what leaves above it, notes below it. */
function rowsOf(trace: readonly FigureEvent[], marks: readonly FigureMark[]): Pick<SequenceLayout, 'rows' | 'height'> {
  const moments = [...new Set([...trace.flatMap((event) => [event.at, arrivalOf(event)]), ...marks.map(({ at }) => at)])].sort((a, b) => a - b)
  let y = TOP_PX
  const rows = moments.map((at) => {
    y += ROW_PX
    const row = { at, y, time: momentText(at) }
    y += linesAt(marks, at) * LINE_PX
    return row
  })
  return { rows, height: y + ROW_PX / 2 }
}

/** Notes of one moment stand below each other: side by side, those of two nodes would meet on a telephone. */
function linesAt(marks: readonly FigureMark[], at: number): number {
  return marks.filter((mark) => mark.at === at).reduce((sum, { text }) => sum + wrap(text).length, 0)
}

function notesOf(marks: readonly FigureMark[], xOf: (name: string) => number, yOf: (at: number) => number): Note[] {
  const taken = new Map<number, number>()
  return marks.map((mark) => {
    const above = taken.get(mark.at) ?? 0
    const lines = wrap(mark.text)
    taken.set(mark.at, above + lines.length)
    return { mark, ...notePlace(mark.node === undefined ? 50 : xOf(mark.node)), y: yOf(mark.at) + 6 + above * LINE_PX, lines }
  })
}

/** Near an edge a note leans inwards. */
function notePlace(x: number): Pick<Note, 'x' | 'anchor'> {
  if (x < 40) return { x: x - 6, anchor: 'start' }
  return x > 65 ? { x: 99, anchor: 'end' } : { x, anchor: 'middle' }
}

function slantOf(event: FigureEvent, xOf: (name: string) => number, yOf: (at: number) => number): Slant {
  const [fromX, goalX, fromY, goalY] = [xOf(event.from), xOf(event.to), yOf(event.at), yOf(arrivalOf(event))]
  const way = event.lost === true ? 0.6 : 1
  const middle = (fromX + goalX) / 2
  const label = event.summary.length > LABEL_CHARACTERS ? `${event.summary.slice(0, LABEL_CHARACTERS - 1)}…` : event.summary
  return {
    event,
    fromX,
    toX: fromX + (goalX - fromX) * way,
    fromY,
    toY: event.lost === true ? fromY + (goalY - fromY) * way : goalY,
    label,
    // A slanting line climbs into the space above its middle.
    labelY: (fromY + goalY) / 2 - (goalY > fromY ? 17 : 9),
    ...labelPlace(middle, Math.min(fromX, goalX), Math.max(fromX, goalX)),
  }
}

/** Near an edge the label begins or ends with its arrow, so that it stays inside the picture. */
function labelPlace(middle: number, left: number, right: number): Pick<Slant, 'labelX' | 'anchor'> {
  if (middle < 40) return { labelX: left + 2, anchor: 'start' }
  if (middle > 70) return { labelX: right - 2, anchor: 'end' }
  return { labelX: middle, anchor: 'middle' }
}
