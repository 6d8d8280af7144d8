import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, extname, join, relative, sep } from 'node:path'
import { checkFiles, type LabPaths } from '../labs.ts'

/** Code that a one-file lab may import. Other files may be what the program itself writes: judging those would never end. */
const CODE = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'])

/** The workbook's own files in a lab's folder: no save of the learner changes them. */
const OURS = /^(starter|solution|wrong)(\.[cm]?[jt]s)?$/

/** Left out of a folder lab: too large, or written by the program. */
const IGNORED = /^(node_modules|data|dist|\..*\.sw.|.*~|.*\.log|4913)$/

const MAX_FILES = 200
const MAX_BYTES = 1_048_576

/** What the learner's files, and the checks, hold at one moment. */
export interface Fingerprint {
  /** False before the lab is begun, and while the file is away. */
  begun: boolean
  /** True while the program's file is empty, as it is in the middle of a save. */
  empty: boolean
  hash: string
}

/**
 * Reads the learner's files of a lab, and its checks. Times and events play no part: the same content is the same hash.
 * Never throws: a file that vanishes while it is read counts as absent.
 */
export function fingerprint(lab: LabPaths): Fingerprint {
  const hash = createHash('sha256')
  for (const file of [...checkFiles(lab), ...learnersFiles(lab)]) {
    const content = contentOf(file)
    if (content === undefined) continue
    hash.update(`${relative(lab.folder, file).split(sep).join('/')}\0${String(content.length)}\0`).update(content)
  }
  const program = contentOf(lab.mine)
  return { begun: program !== undefined, empty: program?.length === 0, hash: hash.digest('hex') }
}

/** The folders in which a save can happen, those that exist now. The lab's own folder first. */
export function watchedFolders(lab: LabPaths): string[] {
  const folders = [lab.folder]
  const work = workFolder(lab)
  if (work !== lab.folder && existsSync(work)) folders.push(...foldersUnder(work))
  return folders.filter((folder) => existsSync(folder))
}

/** Where the learner's own files are: `mine/` in a folder lab, else the lab's folder. */
function workFolder(lab: LabPaths): string {
  return dirname(lab.mine)
}

function learnersFiles(lab: LabPaths): string[] {
  const work = workFolder(lab)
  if (work === lab.folder) {
    return entries(work).filter((name) => !OURS.test(name) && CODE.has(extname(name))).map((name) => join(work, name))
  }
  return foldersUnder(work).flatMap((folder) => entries(folder).map((name) => join(folder, name))).slice(0, MAX_FILES)
}

function foldersUnder(folder: string): string[] {
  const below = entries(folder).map((name) => join(folder, name)).filter(isFolder)
  return [folder, ...below.flatMap(foldersUnder)].slice(0, MAX_FILES)
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !IGNORED.test(name)).sort()
  } catch {
    return []
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function contentOf(file: string): Buffer | undefined {
  try {
    const found = statSync(file)
    if (!found.isFile()) return undefined
    return found.size > MAX_BYTES ? Buffer.from(`${String(found.size)} ${String(found.mtimeMs)}`) : readFileSync(file)
  } catch {
    return undefined
  }
}
