import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vitepress'
import { DOCS, findChapters } from './chapters.ts'

/** The list of recorded checks: `{'slug/check': () => import(…)}`. */
const LIST = 'virtual:workbook-recordings'
/** One check's recording. */
const ONE = 'virtual:workbook-recording/'

interface Recording {
  checks: { id: string }[]
}

/**
 * Gives each check of each `docs/<slug>/recorded-run.json` a module of its own, so that a page fetches the
 * conversation that it draws and not its whole lab's.
 */
export function recordings(): Plugin {
  return {
    name: 'workbook:recordings',
    resolveId: (id) => (id === LIST || id.startsWith(ONE) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith('\0virtual:workbook-recording')) return undefined
      // A file that is not there yet must not be named: the dev server would refuse the whole module.
      for (const file of findChapters().map(({ slug }) => fileOf(slug)).filter((path) => existsSync(path))) this.addWatchFile(file)
      return id === `\0${LIST}` ? listModule() : checkModule(id.slice(ONE.length + 1))
    },
  }
}

function listModule(): string {
  const keys = findChapters().flatMap(({ slug }) => read(slug).checks.map((check) => `${slug}/${check.id}`))
  const lines = keys.map((key) => `${JSON.stringify(key)}: () => import(${JSON.stringify(ONE + key)})`)
  return `export default {\n${lines.join(',\n')}\n}`
}

function checkModule(key: string): string {
  const [slug = '', id] = key.split('/')
  return `export default ${JSON.stringify(read(slug).checks.find((check) => check.id === id))}`
}

/** A lab that is not recorded yet has no checks here. */
function read(slug: string): Recording {
  const file = fileOf(slug)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recording) : { checks: [] }
}

function fileOf(slug: string): string {
  return join(DOCS, slug, 'recorded-run.json')
}
