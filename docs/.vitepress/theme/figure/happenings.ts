import { timeText } from '../diagram/layout.ts'
import { durationText } from './amounts.ts'
import type { FigureEvent, FigureMark, Simulation } from './types.ts'

/** One thing to tell of a run: a message leaves, arrives or is lost, or a mark. */
export interface Happening {
  at: number
  text: string
}

/** A model's time: `20 ms`, `1.20 s`, `1 min 36 s`; a whole number without a decimal. */
export function momentText(ms: number): string {
  if (ms >= 60_000) return durationText(ms / 1_000)
  return Number.isInteger(ms) && ms < 1_000 ? `${String(ms)} ms` : timeText(ms)
}

/** When a message arrived, or vanished. */
export function arrivalOf(event: FigureEvent): number {
  return Math.max(event.at, event.detail.endedAt ?? event.at)
}

/** How much of its way a message has gone at `t`: 0 before it leaves, 1 when it is there. A lost one stops short. */
export function progressAt(event: FigureEvent, t: number): number {
  const arrival = arrivalOf(event)
  if (t < event.at) return 0
  if (t >= arrival) return 1
  return (t - event.at) / (arrival - event.at)
}

/** All that happens in a run, in order of time. */
export function happeningsOf({ trace, marks = [] }: Pick<Simulation, 'trace' | 'marks'>): Happening[] {
  return [...trace.flatMap(tellEvent), ...marks.map(tellMark)].sort((left, right) => left.at - right.at)
}

/** The times at which a picture changes, from 0 to the end, each once: where stepping stops. */
export function momentsOf(simulation: Simulation): number[] {
  const changes = [...(simulation.nodeChanges ?? []), ...(simulation.linkChanges ?? [])].map(({ at }) => at)
  const edges = (simulation.spans ?? []).flatMap(({ from, to }) => [from, to])
  const all = [0, simulation.endsAt, ...happeningsOf(simulation).map(({ at }) => at), ...changes, ...edges]
  return [...new Set(all)].filter((at) => at >= 0 && at <= simulation.endsAt).sort((left, right) => left - right)
}

/** The first moment after `t`; the last one at the end. */
export function nextMoment(moments: readonly number[], t: number): number {
  return moments.find((at) => at > t) ?? moments.at(-1) ?? 0
}

/** The last moment before `t`; 0 at the beginning. */
export function previousMoment(moments: readonly number[], t: number): number {
  return moments.findLast((at) => at < t) ?? 0
}

/** What has happened last at `t`, in words; several things at one time are told together. */
export function saidAt(happenings: readonly Happening[], t: number): string {
  const last = happenings.findLast(({ at }) => at <= t)
  if (last === undefined) return ''
  return happenings.filter(({ at }) => at === last.at).map(({ text }) => sentence(text)).join(' ')
}

function tellEvent(event: FigureEvent): Happening[] {
  const { from, to, summary, at } = event
  const arrival = arrivalOf(event)
  const end = event.lost === true ? `${summary} from ${from} is lost on its way to ${to}` : `${to} receives ${summary} from ${from}`
  if (arrival === at) return [{ at, text: event.lost === true ? end : `${from} to ${to}: ${summary}` }]
  return [{ at, text: `${from} sends ${summary} to ${to}` }, { at: arrival, text: end }]
}

function tellMark({ at, node, text }: FigureMark): Happening {
  return { at, text: node === undefined ? text : `${node} ${text}` }
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?…]$/.test(first) ? first : `${first}.`
}
