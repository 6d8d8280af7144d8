import { traceOf, type NewEvent } from '../figure/trace.ts'
import type { FigureLink, FigureNode, NodeChange, Simulation } from '../figure/types.ts'
import { stopSeconds, type Distribution, type Stop, type Swarm } from './fluid.ts'

const NAMES = ['Ana', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gus', 'Hana']
/** In how many parts a run is told: dots and percentages change so often. */
const BEATS = 40

/** Who leaves when a listener does. */
export const LEAVER = 'Ana'

export interface Side extends Simulation {
  distribution: Distribution
  /** Until when the server sends. */
  serverEndsAt: number
}

/** One of the two pictures: how a distribution goes, second by second. */
export function sideOf(swarm: Swarm, stop: Stop, distribution: Distribution, passesOn: boolean, endsAt: number): Side {
  const more = swarm.listeners > NAMES.length ? [`${String(swarm.listeners - NAMES.length)} more`] : []
  const names = [...NAMES.slice(0, swarm.listeners), ...more]
  const [stopsAt, doneAt] = [stopSeconds(swarm) * 1_000, Math.min(endsAt, distribution.seconds * 1_000)]
  const side = { swarm, stop, distribution, names, endsAt, stopsAt, doneAt }
  const serverEndsAt = stop === 'server' ? Math.min(doneAt, stopsAt) : doneAt
  return {
    trace: traceOf(dotsOf(side, serverEndsAt, passesOn && swarm.upMbps > 0)),
    endsAt,
    nodes: nodesOf(names),
    links: linksOf(names, passesOn && swarm.upMbps > 0),
    nodeChanges: [...listenerChanges(side), ...(stop === 'server' ? [{ at: Math.min(stopsAt, endsAt), node: 'server', isDown: true }] : [])],
    distribution,
    serverEndsAt,
  }
}

/** What one listener has at a moment, in megabytes. */
export function hasAt(side: Pick<Told, 'swarm' | 'stopsAt' | 'doneAt' | 'distribution'>, t: number): number {
  const { swarm: { sizeMB }, stopsAt, doneAt, distribution: { haveMB, seconds } } = side
  const isStopped = haveMB < sizeMB
  if (!isStopped) return sizeMB * Math.min(1, t / doneAt)
  if (t <= stopsAt) return haveMB * (t / stopsAt)
  return Number.isFinite(seconds) ? Math.min(sizeMB, haveMB + (sizeMB - haveMB) * ((t - stopsAt) / (doneAt - stopsAt))) : haveMB
}

/** What the server has sent at a moment, in megabytes. */
export function sentAt({ distribution: { serverMB, haveMB }, serverEndsAt }: Side, swarm: Swarm, t: number): number {
  const stopsAt = stopSeconds(swarm) * 1_000
  if (t >= serverEndsAt) return serverMB
  if (haveMB === swarm.sizeMB) return serverMB * (t / serverEndsAt)
  if (t <= stopsAt) return swarm.sizeMB * (t / stopsAt)
  return swarm.sizeMB + (serverMB - swarm.sizeMB) * ((t - stopsAt) / (serverEndsAt - stopsAt))
}

interface Told {
  swarm: Swarm
  stop: Stop
  distribution: Distribution
  names: readonly string[]
  endsAt: number
  stopsAt: number
  doneAt: number
}

/** The server in the middle, the listeners round it, the first one below. */
function nodesOf(names: readonly string[]): FigureNode[] {
  return [
    { id: 'server', x: 50, y: 42, shape: 'box' },
    ...names.map((id, index): FigureNode => {
      const angle = Math.PI / 2 + (2 * Math.PI * index) / names.length
      return { id, x: 50 + 39 * Math.cos(angle), y: 42 + 40 * Math.sin(angle), shape: 'round' }
    }),
  ]
}

function linksOf(names: readonly string[], passesOn: boolean): FigureLink[] {
  const fromServer = names.map((to): FigureLink => ({ id: `server ${to}`, from: 'server', to }))
  if (!passesOn) return fromServer
  const between = names.flatMap((from, index) => names.slice(index + 1).map((to): FigureLink => ({ id: `${from} ${to}`, from, to, line: 'dashed' })))
  return [...between, ...fromServer]
}

/** They show who sends to whom; each sender has one under way at a time. */
function dotsOf({ names, doneAt, stopsAt, stop, endsAt }: Told, serverEndsAt: number, passesOn: boolean): NewEvent[] {
  const beat = endsAt / BEATS
  const isHere = (name: string, at: number): boolean => stop !== 'listener' || name !== LEAVER || at < stopsAt
  return Array.from({ length: BEATS }, (_, index) => index).flatMap((index) => {
    const [at, arrivesAt] = [index * beat, (index + 1) * beat]
    const dot = (from: string, to: string): NewEvent => ({ from, to, at, arrivesAt, kind: 'raw', summary: '' })
    const served = names[index % names.length] ?? ''
    const passed = passesOn && index > 0 && arrivesAt <= doneAt + beat / 2
      ? names.map((from, place) => dot(from, names[(place + 1 + (index % Math.max(1, names.length - 1))) % names.length] ?? from))
      : []
    return [...(arrivesAt <= serverEndsAt + beat / 2 ? [dot('server', served)] : []), ...passed]
      .filter(({ from, to }) => from !== to && isHere(from, at) && isHere(to, at))
  })
}

function listenerChanges(side: Told): NodeChange[] {
  const { names, endsAt, doneAt, stopsAt, stop, distribution: { seconds }, swarm: { sizeMB } } = side
  const [leaves, isFinite] = [stop === 'listener', Number.isFinite(seconds)]
  return names.flatMap((node) => {
    const until = leaves && node === LEAVER ? Math.min(stopsAt, doneAt) : doneAt
    const told = Array.from({ length: BEATS }, (_, index) => (index * endsAt) / BEATS).filter((at) => at < until)
    const changes = told.map((at): NodeChange => ({ at, node, text: `${String(Math.floor((hasAt(side, at) / sizeMB) * 100))} %`, tone: 'plain' }))
    if (leaves && node === LEAVER) return [...changes, { at: until, node, text: 'has left', tone: 'plain', isDown: true }]
    const share = `${String(Math.floor((hasAt(side, endsAt) / sizeMB) * 100))} %`
    return [...changes, { at: until, node, text: share, tone: isFinite ? 'good' : 'bad' }]
  })
}
