import { arrivalOf, progressAt } from './happenings.ts'
import type { FigureEvent, FigureLink, FigureNode, LinkChange, NodeChange } from './types.ts'

export type NodeNow = Omit<NodeChange, 'at' | 'node'>
export type LinkNow = Omit<LinkChange, 'at' | 'link'>

/** A message under way. Percent of the stage's width and height. */
export interface Packet {
  event: FigureEvent
  x: number
  y: number
  isLost: boolean
}

/** How a node stands at `t`: all its changes by then, later ones over earlier ones. */
export function nodeAt(changes: readonly NodeChange[] | undefined, node: string, t: number): NodeNow {
  return Object.assign({}, ...(changes ?? []).filter((change) => change.node === node && change.at <= t)) as NodeNow
}

/** How a link stands at `t`. */
export function linkAt(changes: readonly LinkChange[] | undefined, link: string, t: number): LinkNow {
  return Object.assign({}, ...(changes ?? []).filter((change) => change.link === link && change.at <= t)) as LinkNow
}

/** Half a millisecond is shown as long as this share of the whole run, or nobody would see it. */
const SHOWN_SHARE = 0.04

/**
 * The messages under way at `t`. A lost one goes six tenths of the way and stays there for a moment. One that
 * arrived at once is shown for a moment at its goal.
 */
export function packetsAt(trace: readonly FigureEvent[], nodes: readonly FigureNode[], t: number, endsAt: number): Packet[] {
  const placeOf = new Map(nodes.map((node) => [node.id, node]))
  return trace.flatMap((event) => {
    const [from, to] = [placeOf.get(event.from), placeOf.get(event.to)]
    if (from === undefined || to === undefined || t < event.at) return []
    const isLost = event.lost === true && t >= arrivalOf(event)
    const lasts = isLost || arrivalOf(event) === event.at ? endsAt * SHOWN_SHARE : 0
    if (t > arrivalOf(event) + lasts || (lasts === 0 && t >= arrivalOf(event))) return []
    const way = progressAt(event, t) * (event.lost === true ? 0.6 : 1)
    return [{ event, x: from.x + (to.x - from.x) * way, y: from.y + (to.y - from.y) * way, isLost }]
  })
}

/** A box's width in pixels, by its longest line. */
export function boxWidth(lines: readonly string[]): number {
  return Math.min(120, Math.max(56, ...lines.map((line) => line.length * 7 + 16)))
}

/** The middle of a link, in percent. */
export function middleOf(link: FigureLink, nodes: readonly FigureNode[]): { x: number; y: number } {
  const [from, to] = [nodes.find(({ id }) => id === link.from), nodes.find(({ id }) => id === link.to)]
  return { x: ((from?.x ?? 50) + (to?.x ?? 50)) / 2, y: ((from?.y ?? 50) + (to?.y ?? 50)) / 2 }
}
