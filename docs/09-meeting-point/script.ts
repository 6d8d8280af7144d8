import { traceOf, type NewEvent } from '../.vitepress/theme/figure/trace.ts'
import type { FigureMark, LinkChange, NodeChange, Simulation, Tone } from '../.vitepress/theme/figure/types.ts'

/** How long every message is under way, in milliseconds of the model. */
const WAY_MS = 20
/** What is noted takes a moment, so that what comes next stands below it. */
const NOTE_MS = 10

/** Writes down a run, one thing after the other. */
export interface Script {
  /** What is sent now has arrived, or is lost, afterwards. */
  send(from: string, to: string, summary: string, options?: { lost?: boolean }): void
  /** Several at once. */
  together(messages: readonly (readonly [from: string, to: string, summary: string])[]): void
  mark(text: string, node?: string, tone?: Tone): void
  node(node: string, change: Omit<NodeChange, 'at' | 'node'>): void
  link(link: string, change: Omit<LinkChange, 'at' | 'link'>): void
  written(): Pick<Simulation, 'trace' | 'marks' | 'nodeChanges' | 'linkChanges' | 'endsAt'>
}

export function createScript(): Script {
  let now = 0
  const events: NewEvent[] = []
  const marks: FigureMark[] = []
  const nodeChanges: NodeChange[] = []
  const linkChanges: LinkChange[] = []
  const add = (from: string, to: string, summary: string, lost = false): void => {
    if (marks.at(-1)?.at === now) now += NOTE_MS
    events.push({ from, to, summary, kind: 'frame', at: now, arrivesAt: now + WAY_MS, lost })
  }
  return {
    send(from, to, summary, { lost } = {}) {
      add(from, to, summary, lost)
      now += WAY_MS
    },
    together(messages) {
      for (const message of messages) add(...message)
      if (messages.length > 0) now += WAY_MS
    },
    mark(text, node, tone) {
      if (node === undefined && marks.at(-1)?.at === now) now += NOTE_MS
      marks.push({ at: now, text, ...(node === undefined ? {} : { node }), ...(tone === undefined ? {} : { tone }) })
    },
    node: (node, change) => { nodeChanges.push({ at: now, node, ...change }) },
    link: (link, change) => { linkChanges.push({ at: now, link, ...change }) },
    written: () => ({ trace: traceOf(events), marks, nodeChanges, linkChanges, endsAt: now }),
  }
}
