import { posix } from 'node:path'
import { BuildProblem } from './build-problem.ts'
import type { BuildContext, ContextFile } from './context.ts'
import type { Line } from './dockerfile.ts'

/** What one source of a COPY matched. */
export interface Matched {
  /** A folder's content is copied, not the folder. */
  isFolder: boolean
  /** The name that a single file keeps. */
  name: string
  /** By their paths below the folder, or by the file's name. */
  files: ReadonlyMap<string, ContextFile>
}

/**
 * Finds what a source of a COPY names in the build context: a file, a folder, or a pattern of Go's `filepath.Match`.
 * @throws BuildProblem when it names nothing, and says so when `.dockerignore` is why
 */
export function matchSource(source: string, context: BuildContext, line: Line): Matched[] {
  const wanted = posix.normalize(`/${source}`).slice(1).replace(/\/$/, '')
  const found = /[*?[]/.test(wanted) ? matchPattern(wanted, context) : matchOne(wanted, context)
  if (found.length > 0) return found
  const isIgnored = [...context.ignored].some((path) => path === wanted || path.startsWith(`${wanted}/`))
  const why = isIgnored ? 'it is in the folder, but .dockerignore keeps it out.' : 'there is no such file in the folder.'
  throw new BuildProblem(`"${source}" is not in the build context: ${why}`, line)
}

function matchOne(wanted: string, { files }: BuildContext): Matched[] {
  const file = files.get(wanted)
  const name = posix.basename(wanted)
  if (file !== undefined) return [{ isFolder: false, name, files: new Map([[name, file]]) }]
  const below = wanted === '' ? '' : `${wanted}/`
  const inside = [...files].filter(([path]) => path.startsWith(below)).map(([path, content]) => [path.slice(below.length), content] as const)
  if (inside.length === 0 && wanted !== '') return []
  return [{ isFolder: true, name, files: new Map(inside) }]
}

/** `*` matches within one part of a path: `*.json` finds what lies at the top, files and folders. */
function matchPattern(pattern: string, context: BuildContext): Matched[] {
  const depth = pattern.split('/').length
  const matches = patternOf(pattern)
  const tops = [...context.files.keys()].map((path) => path.split('/')).filter((parts) => parts.length >= depth)
  const names = new Set(tops.map((parts) => parts.slice(0, depth).join('/')).filter((path) => matches.test(path)))
  return [...names].flatMap((name) => matchOne(name, context))
}

/** @see https://pkg.go.dev/path/filepath#Match */
function patternOf(pattern: string): RegExp {
  const parts = pattern.match(/\\.|\[[^\]]*\]|\*+|\?|./g) ?? []
  const source = parts.map((part) => {
    if (part.startsWith('*')) return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.startsWith('[') && part.length > 1) return part
    return part.replace(/^\\/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source.join('')}$`)
}
