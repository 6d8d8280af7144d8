import { readFileSync } from 'node:fs'

/** The check ids that a wrong program's first line names. @throws Error when it names none */
export function rejectedBy(file: string): string[] {
  const [first = ''] = readFileSync(file, 'utf8').split('\n', 1)
  const named = /^\/\/ Rejected by: (.+)$/.exec(first.trim())?.[1]
  if (named === undefined) throw new Error(`${file} does not begin with "// Rejected by: <check id>"`)
  return named.split(',').map((id) => id.trim())
}
