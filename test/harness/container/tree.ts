import { posix } from 'node:path'

export interface Owner {
  uid: number
  gid: number
}

/** One thing in a file system. */
export type Entry = Owner & { mode: number } & ({ kind: 'file'; bytes: Buffer } | { kind: 'folder' } | { kind: 'link'; target: string })

/** A file system: entries by their paths, from the root on and without a slash before: `app/server.ts`. */
export type Tree = ReadonlyMap<string, Entry>

/** What one layer does to the file system below it. */
export interface Changes {
  set: ReadonlyMap<string, Entry>
  removed: readonly string[]
}

export const ROOT_OWNER: Owner = { uid: 0, gid: 0 }

export function folderEntry(owner: Owner = ROOT_OWNER, mode = 0o755): Entry {
  return { kind: 'folder', mode, ...owner }
}

export function fileEntry(bytes: Buffer, isExecutable = false, owner: Owner = ROOT_OWNER): Entry {
  return { kind: 'file', bytes, mode: isExecutable ? 0o755 : 0o644, ...owner }
}

/** An absolute path of an image as a key of its tree; `..` never leads out of the root. */
export function keyOf(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/|\/$/g, '')
}

/** The folders above a path, the highest first. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'))
}

/** True for the path itself and for all below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}

/** The tree with a layer's changes. */
export function applyChanges(tree: Tree, changes: Changes): Tree {
  const after = new Map(tree)
  for (const gone of changes.removed) {
    for (const path of tree.keys()) if (isWithin(path, gone)) after.delete(path)
  }
  for (const [path, entry] of changes.set) after.set(path, entry)
  return after
}

/** What turns one tree into another. Of a removed folder the folder alone is named. */
export function changesBetween(before: Tree, after: Tree): Changes {
  const set = new Map([...after].filter(([path, entry]) => !isSame(before.get(path), entry)))
  const gone = [...before.keys()].filter((path) => !after.has(path)).sort()
  const removed = gone.filter((path) => !foldersAbove(path).some((folder) => before.has(folder) && !after.has(folder)))
  return { set, removed }
}

/** Adds the folders above each path that are missing, which belong to root as engines make them. */
export function withFoldersAbove(tree: Tree, set: ReadonlyMap<string, Entry>): Map<string, Entry> {
  const whole = new Map<string, Entry>()
  for (const [path, entry] of set) {
    for (const folder of foldersAbove(path)) {
      if (!tree.has(folder) && !set.has(folder) && !whole.has(folder)) whole.set(folder, folderEntry())
    }
    whole.set(path, entry)
  }
  return whole
}

function isSame(left: Entry | undefined, right: Entry): boolean {
  if (left === undefined || left.kind !== right.kind) return false
  if (left.mode !== right.mode || left.uid !== right.uid || left.gid !== right.gid) return false
  if (left.kind === 'file' && right.kind === 'file') return left.bytes.equals(right.bytes)
  return left.kind !== 'link' || right.kind !== 'link' || left.target === right.target
}
