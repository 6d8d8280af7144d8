import type { DataTable, FigureLink, FigureNode } from '../.vitepress/theme/figure/types.ts'
import type { Side } from './link.ts'
import type { RouterKind } from './router.ts'
import type { Script } from './script.ts'

export const MEETING_POINT = 'meeting point'

/** The links of the stage; those that stand up later begin hidden. */
export const LINKS: readonly FigureLink[] = [
  { id: 'Ben-meeting', from: 'Ben', to: MEETING_POINT, line: 'dashed' },
  { id: 'Ada-meeting', from: 'Ada', to: MEETING_POINT, line: 'dashed' },
  { id: 'direct', from: 'Ben', to: 'Ada', label: 'direct' },
  { id: 'Ben-TURN', from: 'Ben', to: 'TURN' },
  { id: 'Ada-TURN', from: 'Ada', to: 'TURN' },
]

/** The nodes of the stage; TURN stands there when it is ready. */
export function nodesOf(relay: boolean): FigureNode[] {
  const y = relay ? 54 : 100
  const nodes: FigureNode[] = [
    { id: 'STUN', x: 12, y: 0 },
    { id: MEETING_POINT, x: 50, y: 0 },
    { id: 'Ben', x: 22, y, shape: 'round' },
    { id: 'Ada', x: 78, y, shape: 'round' },
  ]
  return relay ? [...nodes, { id: 'TURN', x: 50, y: 92 }] : nodes
}

/** How the stage stands before anybody has spoken. */
export function begin(script: Script, { ada, ben }: { ada: RouterKind; ben: RouterKind }): void {
  for (const [node, kind] of [['Ada', ada], ['Ben', ben]] as const) script.node(node, { text: kind === 'none' ? 'no router' : `${kind} router` })
  script.node(MEETING_POINT, { text: '0 signals' })
  for (const link of ['direct', 'Ben-TURN', 'Ada-TURN']) script.link(link, { isUp: false })
  script.node('TURN', { text: 'a relay' })
}

/** What each looks like from outside. */
export function addresses(sides: readonly (Side & { kind: RouterKind })[]): DataTable {
  const rows = sides.map(({ name, kind, outside }) => [name, kind, kind === 'none' ? outside : `${outside}, says STUN`])
  return { title: 'Where each can be found', head: ['Who', 'Router', 'Seen from outside'], rows }
}
