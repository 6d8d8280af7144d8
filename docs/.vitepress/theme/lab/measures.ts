import type { Measure, Version } from '../../../../test/harness/types/index.ts'

/** What one program was measured to do. */
export interface MeasuredRow {
  /** Whose: `the starter, as recorded`, `your version 3`. */
  label: string
  /** True for the reader's own. */
  isYours: boolean
  measures: readonly Measure[]
}

/** As many of the reader's versions are shown: the first, to compare with, and the newest. */
const MAX_YOURS = 8

/** Rows for the reader's versions on which this check measured anything, oldest first. A version that did not start has none. */
export function yourRows(versions: readonly Version[], check: string): MeasuredRow[] {
  const rows = versions
    .map(({ number, measures }) => ({ label: `your version ${String(number)}`, isYours: true, measures: measuresIn(measures?.[check]) }))
    .filter(({ measures }) => measures.length > 0)
  return rows.length <= MAX_YOURS ? rows : [...rows.slice(0, 1), ...rows.slice(1 - MAX_YOURS)]
}

/** What can be shown of a record that anybody may have edited. */
export function measuresIn(value: unknown): Measure[] {
  return Array.isArray(value) ? value.filter(isMeasure) : []
}

/** The columns: each measure's name once, in the order of the first row that has it. */
export function namesIn(rows: readonly MeasuredRow[]): string[] {
  return [...new Set(rows.flatMap(({ measures }) => measures.map(({ name }) => name)))]
}

/** `15`, `12.5 ms`; a dash where a row has no such measure. */
export function valueText({ measures }: MeasuredRow, name: string): string {
  const found = measures.find((measure) => measure.name === name)
  return found === undefined ? '–' : measureValue(found)
}

/** `lost updates: 15` */
export function measureText(measure: Measure): string {
  return `${measure.name}: ${measureValue(measure)}`
}

/** How long a row's bar is, from 0 to 1; the longest row has 1. */
export function shareOf(row: MeasuredRow, rows: readonly MeasuredRow[], name: string): number {
  const most = Math.max(...rows.map((one) => amount(one, name)))
  return most <= 0 ? 0 : Math.max(0, amount(row, name)) / most
}

function amount({ measures }: MeasuredRow, name: string): number {
  return measures.find((measure) => measure.name === name)?.value ?? 0
}

function measureValue({ value, unit }: Measure): string {
  const number = String(Math.round(value * 100) / 100)
  return unit === undefined ? number : `${number} ${unit}`
}

function isMeasure(value: unknown): value is Measure {
  const { name, value: number, unit } = (value ?? {}) as Partial<Record<keyof Measure, unknown>>
  return typeof name === 'string' && Number.isFinite(number) && (unit === undefined || typeof unit === 'string')
}
