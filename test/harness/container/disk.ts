import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { folderEntry, ROOT_OWNER } from './tree.ts'
import type { Entry, Tree } from './tree.ts'

/**
 * Writes what a tree holds below one of its folders. Owners are not set: only root could.
 * @param folder on this machine; made when it is missing
 * @param below `app`; the whole tree by default
 */
export function writeTree(tree: Tree, folder: string, below = ''): void {
  mkdirSync(folder, { recursive: true })
  const made = new Set<string>([folder])
  for (const [path, entry] of [...tree].sort(([left], [right]) => (left < right ? -1 : 1))) {
    if (path === below || (below !== '' && !path.startsWith(`${below}/`))) continue
    const file = join(folder, below === '' ? path : path.slice(below.length + 1))
    const above = entry.kind === 'folder' ? file : dirname(file)
    if (!made.has(above)) mkdirSync(above, { recursive: true })
    made.add(above)
    writeEntry(file, entry)
  }
}

function writeEntry(file: string, entry: Entry): void {
  if (entry.kind === 'link') symlinkSync(entry.target, file)
  else if (entry.kind === 'file') writeFileSync(file, entry.bytes, { mode: entry.mode })
  else if (entry.mode !== 0o755) chmodSync(file, entry.mode | 0o700)
}

/** Reads a folder of this machine as a part of a tree: all of it belongs to root, and may be read by all. */
export function readTree(folder: string, below = ''): Map<string, Entry> {
  const found = new Map<string, Entry>()
  const walk = (path: string): void => {
    for (const name of readdirSync(join(folder, path))) {
      const inner = path === '' ? name : `${path}/${name}`
      const entry = readEntry(join(folder, inner))
      if (entry === undefined) continue
      found.set(below === '' ? inner : `${below}/${inner}`, entry)
      if (entry.kind === 'folder') walk(inner)
    }
  }
  walk('')
  return found
}

function readEntry(file: string): Entry | undefined {
  const stats = lstatSync(file)
  if (stats.isSymbolicLink()) return { kind: 'link', target: readlinkSync(file), mode: 0o777, ...ROOT_OWNER }
  if (stats.isDirectory()) return folderEntry()
  if (!stats.isFile()) return undefined
  const mode = process.platform === 'win32' || (stats.mode & 0o100) !== 0 ? 0o755 : 0o644
  return { kind: 'file', bytes: readFileSync(file), mode, ...ROOT_OWNER }
}
