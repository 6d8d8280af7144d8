import { traceOf, type NewEvent } from '../.vitepress/theme/figure/trace.ts'
import type { DataTable, FigureMark, Simulation } from '../.vitepress/theme/figure/types.ts'
import { CONVERSATION, keyOf, otherThan, senderOf, summaryOf, type Name, type Question, type Step } from './frames.ts'
import { columnOf, ROWS, type Column } from './halves.ts'
import { isMixedUp, listOf, type Outcome, type Side } from './outcomes.ts'

const FRAME_MS = 20
export const SILENT_MS = 2_000
/** Measured: when `wrtc` itself reports `close` after the other side has fallen silent. */
export const CLOSE_MS = 17_400
/** The first pings after a cut: each side sends one every 500 ms, and they do not fall together. */
const LATER_PINGS: readonly { from: Name; at: number }[] = [{ from: 'Ben', at: 390 }, { from: 'Ada', at: 640 }]

export type Parameters = {
  who: string
  ids: boolean
  heartbeat: boolean
  /** Key of the first frame that is lost. */
  cut: string
}

export interface Run extends Simulation {
  outcomes: readonly Outcome[]
  /** How long each side still named the other after the link was cut, in milliseconds; empty when it was not. */
  listedForMs: readonly number[]
  /** What each half has and waits for, whenever that changed. */
  halves: readonly Moment[]
}

/** Both programs at one moment. */
export interface Moment {
  at: number
  columns: readonly Column[]
}

interface World {
  parameters: Parameters
  cutAt: number
  events: NewEvent[]
  marks: FigureMark[]
  outcomes: Outcome[]
  sides: Record<Name, Side>
  listedForMs: number[]
  halves: Moment[]
}

/** The frames of the conversation, one after the other, and what each half makes of them. */
export function simulate(parameters: Parameters): Run {
  const steps = CONVERSATION.filter((step) => takesPlace(step, parameters))
  const cutIndex = steps.findIndex((step) => keyOf(step) === parameters.cut)
  const times = timesOf(steps, parameters.who === 'caller' ? FRAME_MS : 0)
  const world = worldOf(parameters, times[cutIndex] ?? Number.POSITIVE_INFINITY)
  if (parameters.who === 'caller') world.marks.push({ at: 0, node: 'Ada', text: 'was called, cannot ask', tone: 'bad' })
  note(world, 0)
  steps.forEach((step, index) => { sendFrame(world, step, times[index] ?? 0) })
  if (cutIndex >= 0) fallSilent(world)
  const ends = [...world.events.map(({ at, arrivesAt }) => arrivesAt ?? at), ...world.marks.map(({ at }) => at)]
  return {
    trace: traceOf(world.events),
    marks: world.marks.sort((left, right) => left.at - right.at),
    endsAt: Math.max(...ends),
    outcomes: world.outcomes,
    listedForMs: world.listedForMs,
    halves: world.halves,
    tables: [tableOf(world.halves.at(-1)?.columns ?? [])],
  }
}

/** When each frame leaves: when the one before is there, and a little later when that one ends an answer. */
function timesOf(steps: readonly Step[], from: number): number[] {
  let at = from
  return steps.map((step) => {
    const leavesAt = at
    at += step.kind === 'response' && step.chunk === step.question.chunks ? 2 * FRAME_MS : FRAME_MS
    return leavesAt
  })
}

function takesPlace(step: Step, { who, heartbeat }: Parameters): boolean {
  if (step.kind === 'ping' || step.kind === 'pong') return heartbeat
  return who === 'both' || step.question.asker === 'Ben'
}

function worldOf(parameters: Parameters, cutAt: number): World {
  const side = (name: Name): Side => ({ name, heardAt: 0, isListing: true })
  return { parameters, cutAt, events: [], marks: [], outcomes: [], sides: { Ada: side('Ada'), Ben: side('Ben') }, listedForMs: [], halves: [] }
}

/** One frame leaves, and arrives unless the link is cut. Its sender cannot tell which. */
function sendFrame(world: World, step: Step, at: number): void {
  const from = senderOf(step)
  const isLost = at >= world.cutAt
  // Nobody answers a ping that has not come.
  if (step.kind === 'pong' && at - FRAME_MS >= world.cutAt) return
  world.events.push({
    from, to: otherThan(from), at, arrivesAt: at + FRAME_MS, kind: 'frame', key: keyOf(step), lost: isLost,
    summary: summaryOf(step, world.parameters.ids),
  })
  if (step.kind === 'request') world.outcomes.push({ question: step.question, sent: 0, lost: 0, got: [], clockFrom: at })
  if (step.kind === 'response') count(world, step.question, isLost)
  note(world, at)
  if (isLost) return
  world.sides[otherThan(from)].heardAt = at + FRAME_MS
  if (step.kind === 'response') take(world, step, at + FRAME_MS)
  note(world, at + FRAME_MS)
}

function count(world: World, question: Question, isLost: boolean): void {
  const outcome = world.outcomes.find((one) => one.question === question)
  if (outcome === undefined) return
  outcome.sent += 1
  if (isLost) outcome.lost += 1
}

/** A chunk arrives: with ids it belongs to the question that it names, without them to the oldest that is open. */
function take(world: World, { question, chunk }: Extract<Step, { kind: 'response' }>, at: number): void {
  const open = world.outcomes.filter((one) => one.question.asker === question.asker && one.status === undefined)
  const outcome = world.parameters.ids ? open.find((one) => one.question === question) : open[0]
  if (outcome === undefined) return
  outcome.got.push(question.title)
  outcome.clockFrom = at
  if (chunk < question.chunks) return
  outcome.status = 200
  const text = isMixedUp(outcome) ? `gets ${listOf(outcome.got)} for ${outcome.question.title}` : `gets 200, ${outcome.question.title}`
  world.marks.push({ at, node: question.asker, text, tone: isMixedUp(outcome) ? 'bad' : 'good' })
}

/** After the cut: nothing arrives, and each side comes to know it by its clocks alone. */
function fallSilent(world: World): void {
  if (world.parameters.heartbeat) {
    for (const { from, at } of LATER_PINGS) world.events.push({ from, to: otherThan(from), at, kind: 'frame', summary: 'ping', lost: true })
  }
  const clocks = [
    ...world.outcomes
      .filter(({ status }) => status === undefined)
      .map((outcome) => ({ at: outcome.clockFrom + SILENT_MS, act: timeOut(world, outcome) })),
    ...sidesOf(world).map((side) => ({ at: goneAt(world, side), act: giveUp(world, side) })),
  ]
  for (const { at, act } of clocks.sort((left, right) => left.at - right.at)) {
    act(at)
    note(world, at)
  }
}

function goneAt({ parameters, cutAt }: World, { heardAt }: Side): number {
  return parameters.heartbeat ? heardAt + SILENT_MS : cutAt + CLOSE_MS
}

function timeOut(world: World, outcome: Outcome): (at: number) => void {
  return (at) => {
    outcome.status = 504
    world.marks.push({ at, node: outcome.question.asker, text: `gets 504 for ${outcome.question.title}`, tone: 'bad' })
  }
}

function giveUp(world: World, side: Side): (at: number) => void {
  return (at) => {
    side.isListing = false
    world.listedForMs.push(at - world.cutAt)
    world.marks.push({ at, node: side.name, text: `drops ${otherThan(side.name)}`, tone: 'waiting' })
  }
}

/** Writes down what each half has at this moment. */
function note(world: World, at: number): void {
  const situation = { hasRoles: world.parameters.who === 'caller', isCut: at >= world.cutAt }
  world.halves.push({ at, columns: sidesOf(world).map((side) => columnOf(side, world.outcomes, situation)) })
}

function sidesOf({ sides }: World): Side[] {
  return [sides.Ada, sides.Ben]
}

function tableOf(columns: readonly Column[]): DataTable {
  const rows = ROWS.map((label, index) => [label, ...columns.map(({ cells }) => cells[index]?.text ?? '')])
  return { title: 'What each half has at the end', head: ['Part', ...columns.map(({ label }) => label)], rows }
}
