import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { BuildProblem } from './build-problem.ts'
import { readTree, writeTree } from './disk.ts'
import type { Line } from './dockerfile.ts'
import { NPM_MS, runNpm } from './npm/run-npm.ts'
import type { Action, PlannedLine } from './plan.ts'
import { refuseMissing } from './run-line.ts'
import type { Command } from './run-line.ts'
import { applyChanges, changesBetween, fileEntry, folderEntry, isWithin, keyOf, withFoldersAbove } from './tree.ts'
import type { Changes, Entry, Owner, Tree } from './tree.ts'
import { ownerOf } from './users.ts'

export interface ActionTools {
  /** Starts the registry when it is first needed. */
  registry(): Promise<string>
  signal: AbortSignal
}

/** Does what a line says. @returns what that changes; @throws BuildProblem */
export async function perform(planned: PlannedLine, tree: Tree, stages: readonly Tree[], tools: ActionTools): Promise<Changes> {
  const { action, line } = planned
  if (action === undefined) return { set: new Map(), removed: [] }
  if (action.kind !== 'run') return put(action, line, tree, stages)
  let after = tree
  for (const command of action.commands) after = await runCommand(command, after, planned, tools)
  return changesBetween(tree, after)
}

/** What a line changes that runs nothing. @param stages the files of the earlier stages; @throws BuildProblem */
export function put(action: Exclude<Action, { kind: 'run' }>, line: Line, tree: Tree, stages: readonly Tree[]): Changes {
  switch (action.kind) {
    case 'folder': return { set: newFolders(tree, keyOf(action.path)), removed: [] }
    case 'copy': return { set: withFoldersAbove(tree, copied(action, tree, line)), removed: [] }
    case 'copy-from': return { set: withFoldersAbove(tree, copiedFrom(action, tree, stages, line)), removed: [] }
  }
}

function newFolders(tree: Tree, path: string): Map<string, Entry> {
  if (path === '' || tree.has(path)) return new Map()
  return withFoldersAbove(tree, new Map([[path, folderEntry()]]))
}

type Copy = Extract<Action, { kind: 'copy' }>
type CopyFrom = Extract<Action, { kind: 'copy-from' }>

function copied({ sources, to, owner, mode }: Copy, tree: Tree, line: Line): Map<string, Entry> {
  const given = ownerOf(owner ?? 'root')
  const isInto = to.endsWith('/') || tree.get(keyOf(to))?.kind === 'folder'
  if (sources.length > 1 && !isInto) {
    throw new BuildProblem('with more than one source, the destination must be a folder and end with a slash.', line)
  }
  const set = new Map<string, Entry>()
  for (const { isFolder, files } of sources) {
    const into = isFolder || isInto
    for (const [name, file] of files) {
      const path = keyOf(into ? posix.join(to, name) : to)
      const entry = fileEntry(file.bytes, file.isExecutable, given)
      set.set(path, mode === undefined ? entry : { ...entry, mode })
    }
  }
  return set
}

/** Copies from an earlier stage; without --chown things keep their owners. */
function copiedFrom({ stage, sources, to, owner, mode }: CopyFrom, tree: Tree, stages: readonly Tree[], line: Line): Map<string, Entry> {
  const from = stages[stage] ?? new Map<string, Entry>()
  const given = owner === undefined ? undefined : ownerOf(owner)
  const isInto = to.endsWith('/') || tree.get(keyOf(to))?.kind === 'folder' || sources.length > 1
  const set = new Map<string, Entry>()
  for (const source of sources) {
    const key = keyOf(source)
    const found = from.get(key)
    const inside = [...from].filter(([path]) => path !== key && isWithin(path, key))
    if (found === undefined && inside.length === 0) throw new BuildProblem(`the earlier stage has no ${source}.`, line)
    const add = (path: string, entry: Entry): unknown => set.set(keyOf(path), changed(entry, given, mode))
    if (found !== undefined && found.kind !== 'folder') add(isInto ? posix.join(to, posix.basename(key)) : to, found)
    for (const [path, entry] of inside) add(posix.join(to, key === '' ? path : path.slice(key.length + 1)), entry)
  }
  return set
}

function changed(entry: Entry, owner: Owner | undefined, mode: number | undefined): Entry {
  return { ...entry, ...owner, ...(mode !== undefined && entry.kind === 'file' && { mode }) }
}

async function runCommand(command: Command, tree: Tree, planned: PlannedLine, tools: ActionTools): Promise<Tree> {
  const { state, line } = planned
  if (command.kind === 'npm') return command.args[0] === 'cache' ? tree : npmIn(tree, command.args, planned, tools)
  let after = tree
  for (const path of command.paths) {
    const key = keyOf(posix.resolve(state.workdir, path))
    after = command.kind === 'mkdir' ? applyChanges(after, { set: newFolders(after, key), removed: [] }) : without(after, key, path, command, line)
  }
  return after
}

function without(tree: Tree, key: string, path: string, command: Extract<Command, { kind: 'rm' }>, line: Line): Tree {
  const gone = matching(tree, key)
  if (gone.length === 0 && !command.isForced && !/[*?]/.test(path)) refuseMissing(path, line)
  if (gone.some((one) => tree.get(one)?.kind === 'folder') && !command.isRecursive) {
    throw new BuildProblem(`rm: ${path} is a folder, and rm takes no folders without -r.`, line)
  }
  return applyChanges(tree, { set: new Map(), removed: gone })
}

/** A path, or what a pattern of the shell matches in one folder. */
function matching(tree: Tree, key: string): string[] {
  if (!/[*?]/.test(key)) return tree.has(key) ? [key] : []
  const source = key.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*').replaceAll('?', '[^/]')
  const pattern = new RegExp(`^${source}$`)
  return [...tree.keys()].filter((path) => pattern.test(path) && !path.split('/').at(-1)?.startsWith('.'))
}

/** npm works in a folder outside the workbook that holds what the image's working directory holds at this line. */
async function npmIn(tree: Tree, args: readonly string[], { state, line }: PlannedLine, tools: ActionTools): Promise<Tree> {
  const scratch = mkdtempSync(join(tmpdir(), 'harbour-radio-build-'))
  const folder = join(scratch, 'work')
  const workdir = keyOf(state.workdir)
  try {
    writeTree(tree, folder, workdir)
    const registry = await tools.registry()
    const env = Object.fromEntries([...state.args, ...state.env])
    const { code, output, isLate } = await runNpm({ folder, args, registry, scratch, env, signal: tools.signal })
    if (isLate) throw new BuildProblem(`npm ${args.join(' ')} was not done after ${String(NPM_MS / 1_000)} s and was ended.`, line)
    if (code !== 0) throw new BuildProblem(`npm ${args.join(' ')} failed. It said:\n${saidBy(output)}`, line)
    return merged(tree, readTree(folder, workdir), workdir, registry)
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Owners and permissions of what npm did not touch stay as they were. */
function merged(before: Tree, found: Tree, workdir: string, registry: string): Tree {
  const after = new Map([...before].filter(([path]) => path === workdir || !isWithin(path, workdir)))
  for (const [path, entry] of found) after.set(path, kept(before.get(path), withoutPort(path, entry, registry)))
  return after
}

function kept(before: Entry | undefined, now: Entry): Entry {
  if (before?.kind === 'file' && now.kind === 'file' && before.bytes.equals(now.bytes)) return before
  return before?.kind === 'folder' && now.kind === 'folder' ? before : now
}

/** The registry's port is another one in each build; what npm notes of it would make each layer another. */
function withoutPort(path: string, entry: Entry, registry: string): Entry {
  if (entry.kind !== 'file' || !path.endsWith('package-lock.json')) return entry
  const text = entry.bytes.toString('utf8')
  return text.includes(registry) ? { ...entry, bytes: Buffer.from(text.replaceAll(registry, 'http://registry.invalid/')) } : entry
}

/** npm's own words, without the paths of this machine. */
function saidBy(output: string): string {
  const lines = output.split('\n').filter((text) => !/complete log of this run|_logs|^npm error\s*$/.test(text))
  return lines.slice(0, 12).join('\n').trim().slice(0, 1_200)
}
