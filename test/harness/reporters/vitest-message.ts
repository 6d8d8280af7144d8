import type { CheckResult } from '../types/index.ts'
import { failureSections, wrap } from './sections.ts'

/** The text of the error that vitest shows for a failed check: the same story as in the terminal, without colour. */
export function failureText(result: CheckResult): string {
  const message = wrap(result.message ?? 'It failed.')
  const sections = failureSections(result).flatMap(({ heading, lines }) => [
    '',
    heading,
    ...lines.map((line) => `  ${line}`.trimEnd()),
  ])
  return [...message, ...sections].join('\n')
}
