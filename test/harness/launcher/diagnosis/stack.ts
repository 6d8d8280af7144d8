import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Problem } from '../../types/index.ts'

export type Place = Pick<Problem, 'file' | 'line' | 'column'>

/** One line of a stack that lies in a file of the learner's. */
export interface OwnFrame {
  /** As people read it: from the workbook's folder, with forward slashes. */
  file: string
  line: number
  column: number
  /** `at handler (labs/00-warm-up/mine.ts:7:3)` */
  text: string
}

/** The lines of a stack that lie in files of the learner's: not in Node, not in a package, not in the harness. */
export function ownFrames(stack: string, root: string): OwnFrame[] {
  return stack.split('\n').flatMap((line) => {
    const [, name, path = '', row, column] = /^\s*at (?:async )?(?:(.*?) \()?(.+?):(\d+):(\d+)\)?$/.exec(line) ?? []
    if (row === undefined || !isOwn(path)) return []
    const file = readablePath(path, root)
    const at = `${file}:${row}:${column}`
    return { file, line: Number(row), column: Number(column), text: name === undefined ? `at ${at}` : `at ${name} (${at})` }
  })
}

/** Where a stack first touches the learner's files. */
export function ownPlace(stack: string | undefined, root: string): Place {
  const [frame] = ownFrames(stack ?? '', root)
  return frame === undefined ? {} : { file: frame.file, line: frame.line, column: frame.column }
}

/** A path or file URL, from the workbook's folder where it lies in it. */
export function readablePath(pathOrUrl: string, root: string): string {
  const path = absolutePath(pathOrUrl)
  const fromRoot = relative(root, path)
  return fromRoot.startsWith('..') || fromRoot === '' ? path : fromRoot.split(sep).join('/')
}

/** The path that a path or file URL means, without a query. */
export function absolutePath(pathOrUrl: string): string {
  return pathOrUrl.startsWith('file:') ? fileURLToPath(pathOrUrl.replace(/[?#].*$/, '')) : pathOrUrl
}

function isOwn(path: string): boolean {
  if (/^(node:|<|native|evalmachine|data:)/.test(path) || !/[\\/]/.test(path)) return false
  return !/[\\/](node_modules|test[\\/]harness)[\\/]/.test(path)
}
