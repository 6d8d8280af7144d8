import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Problem } from '../../types/index.ts'
import type { UncaughtError } from '../reports.ts'
import { absolutePath, readablePath } from './stack.ts'
import type { Place } from './stack.ts'
import { firstLine, nearest } from './words.ts'

const CODES = new Set([
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_UNKNOWN_BUILTIN_MODULE',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
])

/** An import that names nothing; undefined when the error is another one. */
export function diagnoseImport(error: UncaughtError, file: string | undefined, root: string): Problem | undefined {
  const [, target, name] = /requested module '(.+?)' does not provide an export named '(.+?)'/s.exec(error.message) ?? []
  if (target !== undefined && name !== undefined) return missingExport(target, name, error, file, root)
  if (error.code === undefined || !CODES.has(error.code)) return undefined
  const importer = importerOf(error) ?? file
  const specifier = specifierOf(error, importer)
  const place = importer === undefined ? {} : placeOf(specifier, importer, root)
  const suggestion = suggest(specifier, importer, root)
  return {
    code: 'missing-import',
    title: `Your program imports "${specifier}", which is not there.`,
    hint: hintFor(specifier, suggestion, error),
    ...place,
    evidence: firstLine(error.message.replaceAll(root + sep, ''), 400),
  }
}

function missingExport(target: string, name: string, error: UncaughtError, file: string | undefined, root: string): Problem {
  const [, where] = /^(file:.+?|\/.+?|[A-Z]:\\.+?):\d+/m.exec(error.stack) ?? []
  const importer = where === undefined ? file : absolutePath(where)
  return {
    code: 'missing-import',
    title: `"${target}" has no export named "${name}".`,
    hint: `Look at the spelling of ${name}, and whether it is the default export: then it is imported without braces.`,
    ...(importer === undefined ? {} : placeOf(target, importer, root)),
    evidence: error.message,
  }
}

function hintFor(specifier: string, suggestion: string | undefined, error: UncaughtError): string {
  if (suggestion !== undefined) return `Did you mean "${suggestion}"?`
  if (error.code === 'ERR_UNSUPPORTED_DIR_IMPORT') return 'That is a folder. Name the file in it that you mean.'
  if (isPath(specifier)) return 'Look at the spelling and at the folder: the path counts from the file that imports.'
  return `No package of that name is installed. Look at its spelling; if you mean a new one, run: npm install ${packageName(specifier)}`
}

function importerOf(error: UncaughtError): string | undefined {
  const [, imported] = / imported from (.+)$/m.exec(error.message) ?? []
  const [, required] = /Require stack:\n- (.+)$/m.exec(error.message) ?? []
  const path = imported ?? required
  return path === undefined ? undefined : absolutePath(path)
}

/** As the learner wrote it: Node names the absolute path of a file that it did not find. */
function specifierOf(error: UncaughtError, importer: string | undefined): string {
  const [, found = ''] = /(?:Cannot find (?:package|module)|No such built-in module:|Directory import) ?'?([^'\n]+)'?/.exec(error.message) ?? []
  const path = absolutePath(found)
  if (importer === undefined || !/^(\/|[A-Z]:[\\/])/i.test(path)) return found
  const written = specifiersIn(importer).find((specifier) => isPath(specifier) && sameFile(specifier, importer, path))
  return written ?? readablePath(path, dirname(importer))
}

function sameFile(specifier: string, importer: string, path: string): boolean {
  const withoutEnding = (file: string): string => file.replace(/\.[cm]?[jt]sx?$/, '')
  return withoutEnding(resolve(dirname(importer), specifier)) === withoutEnding(path)
}

function specifiersIn(file: string): string[] {
  return [...readText(file).matchAll(/(?:from|import|require\()\s*(['"])(.+?)\1/g)].map((match) => match[2] ?? '')
}

function placeOf(specifier: string, importer: string, root: string): Place {
  const lines = readText(importer).split('\n')
  const at = lines.findIndex((line) => line.includes(`'${specifier}'`) || line.includes(`"${specifier}"`))
  const place: Place = { file: readablePath(importer, root) }
  return at < 0 ? place : { ...place, line: at + 1, column: (lines[at] ?? '').indexOf(specifier) }
}

function suggest(specifier: string, importer: string | undefined, root: string): string | undefined {
  if (isPath(specifier)) return importer === undefined ? undefined : suggestFile(specifier, importer)
  if (specifier.startsWith('node:')) return nearest(specifier, builtinModules.map((name) => `node:${name}`))
  return nearest(packageName(specifier), [...installedPackages(root), ...builtinModules])
}

function suggestFile(specifier: string, importer: string): string | undefined {
  const files = listFolder(dirname(resolve(dirname(importer), specifier)))
  const found = nearest(basename(specifier), files) ?? nearest(`${basename(specifier)}.ts`, files)
  return found === undefined ? undefined : specifier.slice(0, specifier.length - basename(specifier).length) + found
}

type Manifest = Partial<Record<'dependencies' | 'devDependencies', Record<string, string>>>

function installedPackages(root: string): string[] {
  try {
    const { dependencies, devDependencies } = JSON.parse(readText(join(root, 'package.json'))) as Manifest
    return Object.keys({ ...dependencies, ...devDependencies })
  } catch {
    return []
  }
}

function packageName(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

function isPath(specifier: string): boolean {
  return /^(\.{1,2}\/|\/|file:|[A-Z]:[\\/])/i.test(specifier)
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
