import type { TraceEvent } from '../../../../test/harness/types/index.ts'

/** What a reader can set. A set of things (which messages are cut) is a text: their names joined by `+`. */
export type ParameterValue = string | number | boolean

/** A model declares its own as a `type`, not an `interface`: `type Parameters = { cut: string; retries: boolean }`. */
export type FigureParameters = Record<string, ParameterValue>

/** How a thing stands. Each has its own sign and word beside its colour. */
export type Tone = 'plain' | 'good' | 'bad' | 'waiting' | 'busy'

interface ControlBase {
  /** The parameter that it sets. */
  name: string
  /** What the reader sees: `Retries`. */
  label: string
  /**
   * True: the picture itself sets it (a cut arrow, a killed node) and the frame shows no field for it. It is in the
   * link and reset all the same. At most three controls are shown.
   */
  inPicture?: boolean
}

/** One of several, as a list to open (`select`) or side by side (`buttons`). `value` is the default. */
export interface SelectControl extends ControlBase {
  kind: 'select' | 'buttons'
  value: string
  options: readonly { value: string; text: string }[]
}

/** A number. `unit` stands behind it. */
export interface RangeControl extends ControlBase {
  kind: 'range'
  value: number
  min: number
  max: number
  step: number
  unit?: string
}

export interface ToggleControl extends ControlBase {
  kind: 'toggle'
  value: boolean
}

/** Any number of `options`; its value is their names joined by `+`. */
export interface SetControl extends ControlBase {
  kind: 'set'
  value: string
  options: readonly { value: string; text: string }[]
}

export type Control = SelectControl | RangeControl | ToggleControl | SetControl

/** A message of a model: `at` is when it was sent, `detail.endedAt` when it arrived (or, when `lost`, when it vanished). */
export interface FigureEvent extends TraceEvent {
  /** Which message it is in every run of the model, for cutting it: `reply-1`. */
  key?: string
}

/** Something that happened and is no message: `times out`, `books the show`. */
export interface FigureMark {
  at: number
  /** A short sentence without its subject when `node` names one. */
  text: string
  node?: string
  tone?: Tone
}

export interface FigureNode {
  /** Also the name in the trace's `from` and `to`. */
  id: string
  /** Default: the id. */
  label?: string
  /** Percent of the stage's width and height. */
  x: number
  y: number
  shape?: 'box' | 'round'
}

export interface FigureLink {
  id: string
  from: string
  to: string
  label?: string
  /** How it is drawn when nothing has changed it. Default `solid`. */
  line?: 'solid' | 'dashed'
}

/** From `at` on, the members given replace the node's earlier ones. */
export interface NodeChange {
  at: number
  node: string
  /** Under the label: `2 shows`. */
  text?: string
  tone?: Tone
  /** What waits there, first come first. */
  queue?: readonly string[]
  isDown?: boolean
}

/** From `at` on, the members given replace the link's earlier ones. */
export interface LinkChange {
  at: number
  link: string
  isCut?: boolean
  /** False: there is no such link (yet, or any longer). */
  isUp?: boolean
  label?: string
  tone?: Tone
}

/** What one actor does for a while. */
export interface Span {
  lane: string
  from: number
  to: number
  kind: 'computing' | 'waiting' | 'down'
  text: string
}

/** Rows of figures that say the same as a picture which is no trace. */
export interface DataTable {
  title: string
  head: readonly string[]
  rows: readonly (readonly string[])[]
}

/** What a model yields. A model may add members of its own for its view: `interface Run extends Simulation { shows: string[] }`. */
export interface Simulation {
  trace: readonly FigureEvent[]
  /** Milliseconds of the model's time; 0 when the figure has no time. */
  endsAt: number
  marks?: readonly FigureMark[]
  nodes?: readonly FigureNode[]
  links?: readonly FigureLink[]
  nodeChanges?: readonly NodeChange[]
  linkChanges?: readonly LinkChange[]
  spans?: readonly Span[]
  tables?: readonly DataTable[]
}

/** Something to bring about. */
export interface Goal<P extends FigureParameters = FigureParameters, S extends Simulation = Simulation> {
  id: string
  /** An instruction: `Make the guide show the news twice.` */
  text: string
  isReached(simulation: S, parameters: P): boolean
}

/** A figure without its view: everything that `model.ts` exports. */
export interface Figure<P extends FigureParameters = FigureParameters, S extends Simulation = Simulation> {
  /** Unique in its page; names the figure in a link. Lower-case letters, digits and hyphens. */
  id: string
  title: string
  controls: readonly Control[]
  goals?: readonly Goal<P, S>[]
  /** Pure: no DOM, no clock, no `Math.random`; the same arguments give the same simulation, within milliseconds. */
  simulate(parameters: P, seed: number): S
  /** True when chance plays a part: the reader can ask for another run. */
  hasChance?: boolean
  /** Default 1. */
  seed?: number
}
