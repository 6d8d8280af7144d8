import { transformSync } from 'esbuild'
import ts from 'typescript'
import { OPERATORS } from './operators.ts'
import type { Edit } from './operators.ts'

/** A program with one change. */
export interface Mutant {
  operator: string
  /** Counted from 1. */
  line: number
  /** The lines that the change touches, without the blanks around them. */
  original: string
  /** The same lines, changed. */
  mutated: string
  /** The whole program. */
  text: string
}

/** All mutants of a program that can be run and differ from it when the types are gone, each once. */
export function mutantsOf(program: string): Mutant[] {
  const source = ts.createSourceFile('program.ts', program, ts.ScriptTarget.Latest, true)
  const seen = new Set([stripped(program)])
  return editsOf(source).map((edit) => applied(program, source, edit)).filter(({ text }) => {
    const script = stripped(text)
    if (script === undefined || seen.has(script)) return false
    seen.add(script)
    return true
  })
}

function editsOf(source: ts.SourceFile): Edit[] {
  const edits: Edit[] = []
  const visit = (node: ts.Node): void => {
    for (const operator of OPERATORS) edits.push(...operator(node, source))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return edits
}

function applied(program: string, source: ts.SourceFile, { operator, start, end, text }: Edit): Mutant {
  const line = source.getLineAndCharacterOfPosition(start).line
  const from = program.lastIndexOf('\n', start - 1) + 1
  const lineEnd = program.indexOf('\n', end)
  const to = lineEnd < 0 ? program.length : lineEnd
  return {
    operator,
    line: line + 1,
    original: program.slice(from, to).trim(),
    mutated: (program.slice(from, start) + text + program.slice(end, to)).trim(),
    text: program.slice(0, start) + text + program.slice(end),
  }
}

/** What is left without types and comments; undefined when it is no program. */
function stripped(program: string): string | undefined {
  try {
    return transformSync(program, { loader: 'ts', logLevel: 'silent', legalComments: 'none' }).code
  } catch {
    return undefined
  }
}
