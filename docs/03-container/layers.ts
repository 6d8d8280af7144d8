import type { Figure, Simulation } from '../.vitepress/theme/figure/types.ts'

export type Parameters = { order: string; changed: string; secret: string }

/** One line of the Dockerfile, and what this build does for it. */
export interface Layer {
  instruction: string
  holds: string
  /** False: the layer of the last build is taken. */
  isMadeAnew: boolean
  /** Whether the password lies in this layer's bytes. */
  hasSecret: boolean
}

export interface Run extends Simulation {
  layers: readonly Layer[]
  npmRuns: boolean
}

/** What a step reads: from these files, the builder knows whether it must be done again. */
type Input = 'manifests' | 'program' | 'secret'

interface Step {
  instruction: string
  holds: string
  reads: readonly Input[]
}

/** Which input a change touches. */
const CHANGES: Record<string, { text: string; touches: Input | undefined }> = {
  nothing: { text: 'nothing', touches: undefined },
  program: { text: 'a line of server.ts', touches: 'program' },
  dependency: { text: 'a dependency', touches: 'manifests' },
}

/** Which layers a build makes anew, and what lies in them. */
export const figure: Figure<Parameters, Run> = {
  id: 'layers',
  title: 'The second build, line by line',
  controls: [
    { kind: 'buttons', name: 'order', label: 'The Dockerfile copies', value: 'all', options: [{ value: 'all', text: 'everything first' }, { value: 'manifests', text: 'package.json and its lock first' }] },
    { kind: 'select', name: 'changed', label: 'Changed since', value: 'program', options: Object.entries(CHANGES).map(([value, { text }]) => ({ value, text })) },
    {
      kind: 'buttons', name: 'secret', label: 'The password in .env', value: 'removed',
      options: [{ value: 'removed', text: 'is copied, and removed by a later line' }, { value: 'ignored', text: 'stands in .dockerignore' }],
    },
  ],
  goals: [
    { id: 'quick', text: 'Change a line of server.ts, and do not let npm run again.', isReached: ({ npmRuns }, { changed }) => changed === 'program' && !npmRuns },
    { id: 'needed', text: 'With that same order, let npm run because it must.', isReached: ({ npmRuns }, { changed, order }) => order === 'manifests' && changed === 'dependency' && npmRuns },
    { id: 'no-secret', text: 'Have the password in no layer at all.', isReached: ({ layers }) => layers.every(({ hasSecret }) => !hasSecret) },
  ],
  simulate,
}

function simulate({ order, changed, secret }: Parameters): Run {
  const isIgnored = secret === 'ignored'
  const touched = CHANGES[changed]?.touches
  let isMadeAnew = false
  const layers = stepsOf(order, isIgnored).map(({ instruction, holds, reads }): Layer => {
    // Once one layer is new, all that are laid upon it are new.
    isMadeAnew ||= touched !== undefined && reads.includes(touched)
    return { instruction, holds, isMadeAnew, hasSecret: reads.includes('secret') }
  })
  const npmRuns = layers.some((layer) => layer.isMadeAnew && layer.instruction.includes('npm'))
  const rows = layers.map((layer) => [layer.instruction, layer.holds, layer.isMadeAnew ? 'made anew' : 'kept', layer.hasSecret ? 'yes' : 'no'])
  return { trace: [], endsAt: 0, layers, npmRuns, tables: [{ title: 'The layers', head: ['Line', 'Its layer', 'In this build', 'Holds the password'], rows }] }
}

function stepsOf(order: string, isIgnored: boolean): Step[] {
  const secret: Input[] = isIgnored ? [] : ['secret']
  const files = isIgnored ? 'server.ts' : 'server.ts, .env'
  const base: Step = { instruction: 'FROM node:20', holds: 'Node and its libraries', reads: [] }
  const npm: Step = { instruction: 'RUN npm ci', holds: 'node_modules', reads: [] }
  const copied: Step[] = order === 'all'
    ? [{ instruction: 'COPY . .', holds: `package.json, its lock, ${files}`, reads: ['manifests', 'program', ...secret] }, npm]
    : [
        { instruction: 'COPY package*.json ./', holds: 'package.json, its lock', reads: ['manifests'] },
        npm,
        { instruction: 'COPY . .', holds: files, reads: ['program', ...secret] },
      ]
  return [base, ...copied, ...(isIgnored ? [] : [{ instruction: 'RUN rm .env', holds: 'a mark: .env is gone', reads: [] }])]
}
