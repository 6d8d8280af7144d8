import { copyFileSync, existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { BaseRoot } from '../base.ts'
import { writeTree } from '../disk.ts'
import type { Tree } from '../tree.ts'

/**
 * Makes a root file system out of the base image and an image's own files. The base image's files are linked and
 * not copied: nobody may write to them.
 * @param folder made; on the file system of the base image where possible
 */
export function makeRoot(base: BaseRoot, tree: Tree, folder: string): void {
  linkTree(base.folder, folder)
  const own = new Map([...tree].filter(([path, entry]) => entry.kind !== 'folder' || !existsSync(join(folder, path))))
  writeTree(own, folder)
}

/** The folders at the top that hold something of the image's own. */
export function ownTops(tree: Tree, base: BaseRoot): string[] {
  const tops = [...tree].filter(([path, entry]) => entry.kind !== 'folder' || !existsSync(join(base.folder, path))).map(([path]) => path.split('/')[0] ?? '')
  return [...new Set(tops)]
}

/** The first process that a process has started, on Linux. */
export function firstChild(pid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim().split(' ')
    return first === undefined || first === '' ? undefined : Number(first)
  } catch {
    return undefined
  }
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    const source = join(from, name)
    const stats = lstatSync(source)
    if (stats.isDirectory()) linkTree(source, join(to, name))
    else if (stats.isSymbolicLink()) symlinkSync(readlinkSync(source), join(to, name))
    else linkOrCopy(source, join(to, name))
  }
}

function linkOrCopy(source: string, file: string): void {
  try {
    linkSync(source, file)
  } catch {
    // Another file system, or one without links.
    copyFileSync(source, file)
  }
}
