import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findLab, ROOT } from '../labs.ts'
import type { CheckState, Measure, ProblemCode, Verdict, Version } from '../types/index.ts'
import { claimFolder, replaceFile, rmQuietly, temporaryPath } from './atomic.ts'
import { digestOf, type Work } from './work.ts'

/** What `version.json` says: the version and the verdict on it, by check. */
export interface VersionRecord extends Version {
  lab: string
  /** SHA-256 of the kept files with their paths. */
  digest: string
  files: string[]
  /** What was not kept, each with the reason. */
  skipped: string[]
  /** Null: not judged yet. */
  verdict: VerdictSummary | null
}

/** As much of a verdict as tells whether another one is different, and what it measured, which differs each time. */
export interface VerdictSummary {
  problem: ProblemCode | null
  checks: Record<string, CheckState>
  measures?: Record<string, readonly Measure[]>
}

export interface RecordOptions {
  /** `start`, `save`, or `reset` and `restore` for what was there before one of them. */
  reason: string
  /** The verdict on exactly this work; null when it was not judged. */
  verdict: Verdict | null
  /** The workbook's folder. */
  root?: string
}

const RECORD = 'version.json'

/**
 * Keeps a copy of a work when its content or the states of its checks have changed since the last copy.
 * The first verdict on a copy that was not judged yet is added to that copy.
 * @param query the lab's slug or number
 * @param work what `readWork` gave before the run, so that the copy is what was judged
 * @returns the version, new or completed; null when there was nothing new to keep
 */
export function recordVersion(query: string, work: Work, options: RecordOptions): Version | null {
  const { root = ROOT, reason } = options
  const folder = historyFolder(query, root)
  const last = readRecords(folder).at(-1)
  const verdict = summaryOf(options.verdict)
  const isSameWork = last?.digest === digestOf(work)
  if (isSameWork && (verdict === null || isSame(last.verdict, verdict))) return null
  if (isSameWork && last.verdict === null) return complete(folder, last, verdict, root)
  return versionOf(keep(folder, work, { reason, verdict }, root))
}

/** The kept versions of a lab, oldest first. A version whose record cannot be read is left out, and left alone. */
export function listVersions(query: string, root = ROOT): Version[] {
  return readRecords(historyFolder(query, root)).map(versionOf)
}

/** One version's record. @throws Error with code `ERR_NO_VERSION` that names those there are */
export function readVersion(query: string, number: number, root = ROOT): { record: VersionRecord; work: Work } {
  const folder = historyFolder(query, root)
  const records = readRecords(folder)
  const record = records.find((known) => known.number === number)
  if (record === undefined) throw noSuchVersion(findLab(query, root).slug, number, records)
  const files = record.files.map((path) => ({ path, bytes: keptBytes(folder, number, path) }))
  return { record, work: { slug: record.lab, files, skipped: record.skipped } }
}

function keptBytes(folder: string, number: number, path: string): Uint8Array {
  try {
    return readFileSync(join(folder, String(number), path))
  } catch (error) {
    const message = `Version ${String(number)} is damaged, its ${path} cannot be read: ${(error as Error).message}`
    throw Object.assign(new Error(message), { code: 'ERR_NO_VERSION' })
  }
}

/** `.workbook/history/<slug>`, absolute. */
export function historyFolder(query: string, root = ROOT): string {
  return join(root, '.workbook', 'history', findLab(query, root).slug)
}

/**
 * The whole version is made aside and then gets its number by one rename: killed at any moment, it is there or it is not.
 * Another process may have taken the number meanwhile; then the next one is tried.
 */
function keep(
  folder: string,
  work: Work,
  about: Pick<VersionRecord, 'reason' | 'verdict'>,
  root: string,
): VersionRecord {
  const temporary = temporaryPath(root)
  mkdirSync(folder, { recursive: true })
  try {
    for (let number = highestNumber(folder) + 1; ; number += 1) {
      const record = recordOf(work, number, about)
      writeVersion(temporary, record, work)
      if (claimFolder(temporary, join(folder, String(number)))) return record
    }
  } finally {
    rmQuietly(temporary)
  }
}

function writeVersion(folder: string, record: VersionRecord, work: Work): void {
  for (const { path, bytes } of work.files) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes, { flush: true })
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, RECORD), textOf(record), { flush: true })
}

function complete(folder: string, last: VersionRecord, verdict: VerdictSummary | null, root: string): Version {
  const record = { ...last, ...countsOf(verdict), verdict }
  replaceFile(join(folder, String(last.number), RECORD), Buffer.from(textOf(record)), root)
  return versionOf(record)
}

function recordOf(work: Work, number: number, about: Pick<VersionRecord, 'reason' | 'verdict'>): VersionRecord {
  return {
    number,
    savedAt: new Date().toISOString(),
    ...countsOf(about.verdict),
    reason: about.reason,
    lab: work.slug,
    digest: digestOf(work),
    files: work.files.map((file) => file.path),
    skipped: work.skipped,
    verdict: about.verdict,
  }
}

function readRecords(folder: string): VersionRecord[] {
  return numbersIn(folder)
    .map((number) => readRecord(folder, number))
    .filter((record) => record !== null)
}

/** Null for whatever is no version: one damaged record must not hide the others. */
function readRecord(folder: string, number: number): VersionRecord | null {
  try {
    const record: unknown = JSON.parse(readFileSync(join(folder, String(number), RECORD), 'utf8'))
    return isRecord(record) ? { ...record, number } : null
  } catch {
    return null
  }
}

/** Its files are restored under these names, so none may lead out of the learner's own. */
function isRecord(value: unknown): value is VersionRecord {
  const { digest, files, skipped } = (value ?? {}) as Partial<Record<keyof VersionRecord, unknown>>
  if (typeof digest !== 'string' || !Array.isArray(files) || !Array.isArray(skipped)) return false
  return files.every((path) => typeof path === 'string' && /^mine(\.\w+$|\/)/.test(path) && !path.split(/[\\/]/).includes('..'))
}

/** Also of versions that cannot be read: a number is never given twice. */
function highestNumber(folder: string): number {
  return Math.max(0, ...numbersIn(folder))
}

function numbersIn(folder: string): number[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .sort((left, right) => left - right)
}

function summaryOf(verdict: Verdict | null): VerdictSummary | null {
  if (verdict === null) return null
  const checks = Object.fromEntries(verdict.checks.map((check) => [check.id, check.state]))
  const measured = verdict.checks.flatMap(({ id, measures }) => (measures === undefined ? [] : [[id, measures] as const]))
  const measures = measured.length === 0 ? {} : { measures: Object.fromEntries(measured) }
  return { problem: verdict.problem?.code ?? null, checks, ...measures }
}

function countsOf(verdict: VerdictSummary | null): Pick<Version, 'passed' | 'total'> {
  const states = Object.values(verdict?.checks ?? {})
  return { passed: states.filter((state) => state === 'passed').length, total: states.length }
}

function isSame(left: VerdictSummary | null, right: VerdictSummary): boolean {
  return left !== null && left.problem === right.problem && statesOf(left) === statesOf(right)
}

function statesOf(summary: VerdictSummary): string {
  return JSON.stringify(Object.entries(summary.checks).sort(([left], [right]) => (left < right ? -1 : 1)))
}

function versionOf(record: VersionRecord): Version {
  const { number, savedAt, passed, total, reason, verdict } = record
  const measures = verdict?.measures
  return { number, savedAt, passed, total, reason, isGreen: isGreen(verdict), ...(measures !== undefined && { measures }) }
}

/** As {@link Verdict.passed} says it: nothing failed, and something passed. */
function isGreen(verdict: VerdictSummary | null): boolean {
  const states = Object.values(verdict?.checks ?? {})
  return verdict?.problem === null && !states.includes('failed') && states.includes('passed')
}

function textOf(record: VersionRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`
}

function noSuchVersion(slug: string, number: number, records: readonly VersionRecord[]): Error {
  const known = records.length === 0 ? 'none is kept yet' : `kept are ${records.map((one) => one.number).join(', ')}`
  const error = new Error(`There is no version ${String(number)} of ${slug}: ${known}.`)
  return Object.assign(error, { code: 'ERR_NO_VERSION' })
}
