import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Plugin } from 'vitepress'
import { DOCS, findChapters } from './chapters.ts'
import { missingRun, readRecording, RECORDING_FILE, recordedKeys } from './recorded-runs.ts'

/** The list of recorded checks: `{'slug/check': () => import(…)}`. */
const LIST = 'virtual:workbook-recordings'
/** What the starter and the reference were measured to do: `{'slug/check': {starter, solution}}`. */
const MEASURES = 'virtual:workbook-recorded-measures'
/** One check's recording. */
const ONE = 'virtual:workbook-recording/'

/**
 * Gives each check of each `docs/<slug>/recorded-run.json` a module of its own, so that a page fetches the
 * conversation that it draws and not its whole lab's. A page that draws one that is not there fails the build.
 */
export function recordings(): Plugin {
  let isBuild = false
  return {
    name: 'workbook:recordings',
    configResolved: ({ command }) => { isBuild = command === 'build' },
    buildStart() {
      if (isBuild) refuseMissingRuns()
    },
    resolveId: (id) => (id === LIST || id === MEASURES || id.startsWith(ONE) ? `\0${id}` : undefined),
    load(id) {
      if (id === `\0${LIST}`) return listModule()
      if (id === `\0${MEASURES}`) return measuresModule()
      return id.startsWith(`\0${ONE}`) ? checkModule(id.slice(ONE.length + 1)) : undefined
    },
    // Modules name no file to watch: one that is not there yet would make the dev server refuse them all.
    configureServer({ watcher, moduleGraph, ws }) {
      watcher.on('all', (_event, file) => {
        if (basename(file) !== RECORDING_FILE) return
        for (const [id, module] of moduleGraph.idToModuleMap) {
          if (id.startsWith('\0virtual:workbook-record')) moduleGraph.invalidateModule(module)
        }
        ws.send({ type: 'full-reload' })
      })
    },
  }
}

function refuseMissingRuns(): void {
  const recorded = recordedKeys()
  for (const { slug } of findChapters()) {
    const page = `docs/${slug}/index.md`
    const problem = missingRun(page, readFileSync(join(DOCS, slug, 'index.md'), 'utf8'), recorded)
    if (problem !== undefined) throw new Error(problem)
  }
}

function listModule(): string {
  const lines = recordedKeys().map((key) => `${JSON.stringify(key)}: () => import(${JSON.stringify(ONE + key)})`)
  return `export default {\n${lines.join(',\n')}\n}`
}

/** Small enough for the page's own text: it is there without a script. */
function measuresModule(): string {
  const measured = findChapters().flatMap(({ slug }) => readRecording(slug).checks
    .flatMap(({ id, measures }) => (measures === undefined ? [] : [[`${slug}/${id}`, measures] as const])))
  return `export default ${JSON.stringify(Object.fromEntries(measured))}`
}

function checkModule(key: string): string {
  const [slug = '', id] = key.split('/')
  const { measures: _, ...recording } = readRecording(slug).checks.find((check) => check.id === id) ?? {}
  return `export default ${JSON.stringify(recording)}`
}
