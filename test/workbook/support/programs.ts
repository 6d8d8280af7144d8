import { readFileSync } from 'node:fs'
import { relativePath } from '../../harness/labs.ts'

/** The check ids that a wrong program's first line names. @throws Error when it names none */
export function rejectedBy(file: string): string[] {
  return headComment(file, 'Rejected by')
}

/** What a program's first line lists after `// <name>: `. @throws Error when it begins otherwise */
export function headComment(file: string, name: string): string[] {
  const [first = ''] = readFileSync(file, 'utf8').split('\n', 1)
  const [, found, listed] = /^\/\/ ([^:]+): (.+)$/.exec(first.trim()) ?? []
  if (found !== name || listed === undefined) throw new Error(`${relativePath(file)} does not begin with "// ${name}: <check id>"`)
  return listed.split(',').map((id) => id.trim())
}
