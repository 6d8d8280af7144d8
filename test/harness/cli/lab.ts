/** `npm run lab`: begins a lab, and brings its work back. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { diffWithSolution, diffWithVersion } from '../history/diff.ts'
import { listVersions, resetLab, restoreVersion, startLab, type Change } from '../history/history.ts'
import { findLab, findLabs, relativePath, ROOT, type LabPaths } from '../labs.ts'
import { plainText } from '../reporters/plain.ts'
import type { Version } from '../types/index.ts'

const USAGE = `Usage: npm run lab                         lists the labs
       npm run lab 01                      begins lab 01
       npm run lab 01 -- --history         lists the kept versions of your work
       npm run lab 01 -- --reset           the starter again; your work is kept first
       npm run lab 01 -- --restore 3       your work as it was in version 3; what is there is kept first
       npm run lab 01 -- --diff            what would turn your work into the reference (a spoiler)
       npm run lab 01 -- --diff 3          what you have changed since version 3`

/** What a run of the command says, and its exit code: 0 done, 2 not possible. */
export interface Outcome {
  text: string
  code: 0 | 2
}

/**
 * Does what `npm run lab` with these arguments does.
 * @param root the workbook's folder; another one in tests
 */
export function runLabCommand(args: readonly string[], root = ROOT): Outcome {
  try {
    return { text: answer(args, root), code: 0 }
  } catch (error) {
    if (!isExpected(error)) throw error
    return { text: explain(error), code: 2 }
  }
}

function answer(args: readonly string[], root: string): string {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      reset: { type: 'boolean' },
      restore: { type: 'string' },
      diff: { type: 'boolean' },
      history: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [query, version] = positionals
  if (values.help === true) return USAGE
  if (query === undefined) return listOfLabs(root)
  const lab = findLab(query, root)
  refuseLostOptions(numberOf(lab))
  if (values.reset === true) return resetText(lab, root)
  if (values.restore !== undefined) return restoreText(lab, values.restore, root)
  if (values.diff === true) return diffText(lab, version, root)
  if (values.history === true) return historyText(lab, root)
  return startText(lab, root)
}

function startText(lab: LabPaths, root: string): string {
  const { changed } = startLab(lab.slug, root)
  const file = relativePath(lab.mine, root)
  const done = changed ? `Made ${file} from the starter.` : `${file} is there already; nothing was changed.`
  return `${done}\n\n${nextSteps(lab, root)}`
}

function resetText(lab: LabPaths, root: string): string {
  const change = resetLab(lab.slug, root)
  return `${relativePath(lab.mine, root)} is the starter again. ${keptText(change, lab, root)}\n\n${nextSteps(lab, root)}`
}

function restoreText(lab: LabPaths, number: string, root: string): string {
  const change = restoreVersion(lab.slug, versionNumber(number), root)
  const file = relativePath(lab.mine, root)
  return `${file} is as it was in version ${number}. ${keptText(change, lab, root)}\n\n${nextSteps(lab, root)}`
}

function diffText(lab: LabPaths, version: string | undefined, root: string): string {
  if (version !== undefined) {
    const text = diffWithVersion(lab.slug, versionNumber(version), root)
    return text === '' ? `Your work is as it was in version ${version}.` : text.trimEnd()
  }
  const text = diffWithSolution(lab.slug, root)
  return text === '' ? 'Your work and the reference are the same.' : text.trimEnd()
}

function historyText(lab: LabPaths, root: string): string {
  const versions = listVersions(lab.slug, root)
  if (versions.length === 0) return `No version of ${lab.slug} is kept yet. The next check of your work keeps one: npm run check ${numberOf(lab)}`
  const lines = versions.map((version) => `${String(version.number).padStart(4)}  ${describe(version)}`)
  return `Versions of ${lab.slug}, oldest first:\n${lines.join('\n')}\n\nBring one back: npm run lab ${numberOf(lab)} -- --restore <number>`
}

function listOfLabs(root: string): string {
  const lines = findLabs(root).map((lab) => `  ${lab.slug.padEnd(24)}${titleOf(lab).padEnd(28)}${stateOf(lab, root)}`)
  return `The labs:\n${lines.join('\n')}\n\nBegin one: npm run lab 00`
}

function stateOf(lab: LabPaths, root: string): string {
  if (!existsSync(lab.mine)) return 'not begun'
  const judged = listVersions(lab.slug, root).findLast((version) => version.total > 0)
  return judged === undefined ? 'begun' : `begun, ${String(judged.passed)} of ${String(judged.total)} checks passed last time`
}

/** The page's first heading. */
function titleOf(lab: LabPaths): string {
  if (!existsSync(lab.page)) return ''
  return /^# (.+)$/m.exec(readFileSync(lab.page, 'utf8'))?.[1]?.trim() ?? ''
}

function nextSteps(lab: LabPaths, root: string): string {
  return [
    'Next:',
    `  ${'npm start'.padEnd(44)}the chapter, with checks that follow each save`,
    `  ${`npm run check ${numberOf(lab)}`.padEnd(44)}the checks, here`,
    `  ${`npx tsx ${relativePath(lab.mine, root)}`.padEnd(44)}the program by itself`,
  ].join('\n')
}

function keptText(change: Change, lab: LabPaths, root: string): string {
  const last = change.kept ?? listVersions(lab.slug, root).at(-1)
  if (last === undefined) return 'There was nothing to keep.'
  const where = change.kept === null ? 'What was there is kept already' : `What was there is kept as version ${String(last.number)}`
  return `${where}; see: npm run lab ${numberOf(lab)} -- --history`
}

function describe(version: Version): string {
  const when = version.savedAt.slice(0, 19).replace('T', ' ')
  const result = version.total === 0 ? 'not checked' : `${String(version.passed)} of ${String(version.total)} passed`
  const reasons: Record<string, string> = { start: 'begun', reset: 'before a reset', restore: 'before a restore' }
  const reason = reasons[version.reason]
  return `${when} UTC  ${result.padEnd(18)}${reason ?? ''}`.trimEnd()
}

function numberOf(lab: LabPaths): string {
  return lab.slug.slice(0, 2)
}

function versionNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  const message = `Expected the number of a version, as --history lists them, got "${text}".`
  throw Object.assign(new Error(message), { code: 'ERR_NO_VERSION' })
}

/** Node's sentence on a wrong option goes on to explain what no learner means. */
function explain(error: Error & { code?: string }): string {
  return error.code?.startsWith('ERR_PARSE_ARGS_') ? `${error.message.split('. ')[0] ?? ''}.\n\n${USAGE}` : error.message
}

/** Without `--` before them npm takes options for its own, and leaves a trace in the environment. */
function refuseLostOptions(number: string): void {
  const lost = ['reset', 'restore', 'history'].find((name) => process.env[`npm_config_${name}`] !== undefined)
  if (lost === undefined) return
  const message = `npm took --${lost} for itself, and nothing was changed. Write: npm run lab ${number} -- --${lost}`
  throw Object.assign(new Error(message), { code: 'ERR_NOT_PASSED' })
}

/** What a person can put right: a wrong option, a lab or a version that is not there. */
function isExpected(error: unknown): error is Error {
  const code = String((error as { code?: unknown } | null)?.code)
  return /^ERR_(NO_|NOT_|PARSE_ARGS_)/.test(code)
}

const isMain = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
if (isMain) {
  // A terminal would obey what a work may hold; whoever pipes a difference into a file wants it as it is.
  const { text, code } = runLabCommand(process.argv.slice(2))
  ;(code === 0 ? process.stdout : process.stderr).write(`${process.stdout.isTTY ? plainText(text) : text}\n`)
  process.exitCode = code
}
