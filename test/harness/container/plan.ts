import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { put } from './actions.ts'
import { BASE_TREE } from './base-folders.ts'
import { BuildProblem, needsEngine } from './build-problem.ts'
import { digestOf } from './context.ts'
import type { BuildContext } from './context.ts'
import type { Line, Recipe, Stage } from './dockerfile.ts'
import { commandsOf, runsNpm } from './run-line.ts'
import type { Command } from './run-line.ts'
import { FIRST_STATE, stateAfter } from './image-state.ts'
import type { ImageState } from './image-state.ts'
import { matchSource } from './sources.ts'
import { applyChanges, isWithin, keyOf } from './tree.ts'
import type { Tree } from './tree.ts'
import type { Matched } from './sources.ts'
import { ownerOf } from './users.ts'
import { expand } from './variables.ts'

/** What one line does to the files. */
export type Action =
  | { kind: 'folder'; path: string }
  | { kind: 'copy'; sources: readonly Matched[]; to: string; owner?: string; mode?: number }
  | { kind: 'copy-from'; stage: number; sources: readonly string[]; to: string; owner?: string; mode?: number }
  | { kind: 'run'; commands: readonly Command[] }

/** One line with all that decides what it makes. Two lines with the same key make the same. */
export interface PlannedLine {
  line: Line
  /** Follows from the line, from what it copies, and from the keys of all lines before it. */
  key: string
  /** After the line. */
  state: ImageState
  action?: Action
  runsNpm: boolean
}

export interface PlannedStage {
  name?: string
  /** The earlier stage that this one is built on; undefined for the base image. */
  parent?: number
  start: ImageState
  lines: readonly PlannedLine[]
  /** The key of its last line. */
  key: string
  /** What is in it at its end; undefined where a line runs something, or cannot be built: only the build will tell. */
  files: Tree | undefined
}

/**
 * Works out, without running anything, what each line of a Dockerfile will make.
 * @param ground tells base images and packages apart: what comes from outside the folder
 * @throws BuildProblem
 */
export function planBuild(recipe: Recipe, context: BuildContext, ground: string): PlannedStage[] {
  const globals = new Map<string, string>()
  for (const line of recipe.args) for (const { name, value } of line.properties) globals.set(name, expand(value ?? '', globals))
  const stages: PlannedStage[] = []
  for (const stage of recipe.stages) stages.push(planStage(stage, { stages, context, ground, globals }))
  return stages
}

interface Around {
  stages: readonly PlannedStage[]
  context: BuildContext
  ground: string
  globals: ReadonlyMap<string, string>
}

function planStage(stage: Stage, around: Around): PlannedStage {
  const base = expand(stage.base, around.globals)
  const parent = around.stages.findIndex((earlier) => earlier.name === base.toLowerCase())
  const above = around.stages[parent]
  if (above === undefined && !isNodeImage(base)) {
    throw needsEngine(stage.from, `The builder of this workbook has no network: its one base image is node, made from this machine's own. It has no ${base}.`)
  }
  // ARGs end with their stage.
  const start: ImageState = above === undefined ? FIRST_STATE : { ...stateOf(above), args: new Map() }
  let state = start
  let key = above?.key ?? hashOf('from', around.ground)
  let files = above === undefined ? BASE_TREE : above.files
  const lines = stage.lines.map((line): PlannedLine => {
    const planned = planLine(line, state, key, around)
    ;({ state, key } = planned)
    files &&= filesAfter(planned, files, around)
    return planned
  })
  return { start, lines, key, files, ...(stage.name !== undefined && { name: stage.name }), ...(above !== undefined && { parent }) }
}

/** The files after a line, where they follow from the folder alone. */
function filesAfter({ action, line }: PlannedLine, before: Tree, { stages }: Around): Tree | undefined {
  if (action === undefined) return before
  if (action.kind === 'run' || (action.kind === 'copy-from' && stages[action.stage]?.files === undefined)) return undefined
  try {
    return applyChanges(before, put(action, line, before, stages.map(({ files }) => files ?? new Map())))
  } catch {
    // The build says what is wrong with it, when it comes to it.
    return undefined
  }
}

/** The state after a stage's last line. */
export function stateOf(stage: PlannedStage): ImageState {
  return stage.lines.at(-1)?.state ?? stage.start
}

/** `node`, `node:20-slim`, `docker.io/library/node:20`. */
function isNodeImage(name: string): boolean {
  return /^((docker\.io\/)?library\/)?node(:[\w.-]+)?(@sha256:[0-9a-f]+)?$/.test(name)
}

function planLine(line: Line, before: ImageState, parentKey: string, around: Around): PlannedLine {
  const values = new Map([...before.args, ...before.env])
  const filled = (text: string): string => expand(text, values)
  const words = line.words.map(filled)
  const action = actionOf(line, before, filled, around)
  const state = stateAfter(line, before, { words, filled, globals: around.globals })
  const commands = action?.kind === 'run' ? action.commands : []
  // What a RUN can see of its surroundings is part of what it makes.
  const seen = line.keyword === 'RUN' ? JSON.stringify([...values]) : ''
  const written = JSON.stringify([line.json ?? words, line.flags, [...state.env]])
  const key = hashOf(parentKey, line.keyword, written, seen, inputsOf(action, around))
  return { line, key, state, runsNpm: runsNpm(commands), ...(action !== undefined && { action }) }
}

function actionOf(line: Line, { workdir }: ImageState, filled: (text: string) => string, around: Around): Action | undefined {
  if (line.keyword === 'WORKDIR') return { kind: 'folder', path: posix.resolve(workdir, filled(line.words.join(' '))) }
  if (line.keyword === 'RUN') return { kind: 'run', commands: commandsOf(line) }
  if (line.keyword !== 'COPY' && line.keyword !== 'ADD') return undefined
  return copyAction(line, workdir, filled, around)
}

const COPY_FLAGS = new Set(['chown', 'chmod', 'from', 'link'])

function copyAction(line: Line, workdir: string, filled: (text: string) => string, { stages, context }: Around): Action {
  const other = line.flags.find(({ name }) => !COPY_FLAGS.has(name))
  if (other !== undefined) throw needsEngine(line, `The builder of this workbook does not know --${other.name}.`)
  const flag = (name: string): string | undefined => line.flags.find((one) => one.name === name)?.value
  const all = (line.json ?? line.words).map(filled)
  const sources = all.slice(0, -1)
  const last = all.at(-1)
  if (last === undefined || sources.length === 0) throw new BuildProblem(`${line.keyword} needs a source and a destination.`, line)
  const url = sources.find((source) => /^(https?|git|ssh):/.test(source) || /\.(tar|tgz|tar\.\w+)$/.test(source))
  if (line.keyword === 'ADD' && url !== undefined) throw needsEngine(line, 'The builder of this workbook adds files of the folder alone.')
  const mode = flag('chmod')
  if (mode !== undefined && !/^[0-7]{3,4}$/.test(mode)) throw needsEngine(line, 'The builder of this workbook knows --chmod with an octal number.')
  const owner = flag('chown')
  if (owner !== undefined) ownerOf(filled(owner), line)
  const to = posix.resolve(workdir, last) + (/\/\.?$|^\.$/.test(last) ? '/' : '')
  const common = { to, ...(owner !== undefined && { owner: filled(owner) }), ...(mode !== undefined && { mode: parseInt(mode, 8) }) }
  const from = flag('from')
  if (from === undefined) {
    return { kind: 'copy', sources: sources.flatMap((source) => matchSource(source, context, line)), ...common }
  }
  return { kind: 'copy-from', stage: stageNamed(from, stages, line), sources, ...common }
}

function stageNamed(name: string, stages: readonly PlannedStage[], line: Line): number {
  const byName = stages.findIndex((stage) => stage.name === name.toLowerCase())
  const index = byName < 0 && /^\d+$/.test(name) ? Number(name) : byName
  if (stages[index] === undefined) throw needsEngine(line, `There is no earlier stage "${name}", and the builder of this workbook has no other images.`)
  return index
}

/** What a line takes from outside itself. */
function inputsOf(action: Action | undefined, { stages, ground }: Around): string {
  if (action?.kind === 'run') return ground
  if (action?.kind === 'copy-from') return copiedInputs(action, stages[action.stage])
  if (action?.kind !== 'copy') return ''
  return action.sources.map(({ isFolder, name, files }) => `${String(isFolder)} ${isFolder ? '' : name} ${digestOf(files)}`).join('\n')
}

/** Of another stage, a line takes the files that it names; where they are not known, all that made that stage. */
function copiedInputs({ sources }: Extract<Action, { kind: 'copy-from' }>, stage: PlannedStage | undefined): string {
  if (stage?.files === undefined) return stage?.key ?? ''
  const wanted = sources.map(keyOf)
  const found = [...stage.files].filter(([path]) => wanted.some((source) => isWithin(path, source)))
  const hash = createHash('sha256')
  for (const [path, entry] of found.sort(([one], [other]) => (one < other ? -1 : 1))) {
    const { kind, mode, uid, gid } = entry
    const content = entry.kind === 'file' ? entry.bytes : entry.kind === 'link' ? entry.target : ''
    hash.update(JSON.stringify([path, kind, mode, uid, gid, content.length])).update(content)
  }
  return hash.digest('hex')
}

function hashOf(...parts: string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${String(part.length)}:${part}`)
  return hash.digest('hex')
}
