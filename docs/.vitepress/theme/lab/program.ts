import type { ComputedRef, InjectionKey } from 'vue'
import type { LabSummary } from '../../../../test/harness/types/index.ts'

/** The lab whose program is judged, once it is known: where its files are. */
export const PROGRAM: InjectionKey<ComputedRef<LabSummary | null>> = Symbol('program')

/** A file of the workbook, absolute, given one of its paths both ways. Undefined when that does not tell. */
export function absolutePath(file: string, lab: LabSummary): string | undefined {
  const path = lab.path.replaceAll('\\', '/')
  return path.endsWith(`/${lab.file}`) ? path.slice(0, -lab.file.length) + file : undefined
}
