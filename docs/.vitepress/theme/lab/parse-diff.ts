/** One line of a unified diff, as a page shows it. */
export interface DiffLine {
  kind: 'file' | 'hunk' | 'added' | 'removed' | 'same' | 'note'
  /** Without its sign. */
  text: string
  /** Its number in the file before and in the file after, where it has one. */
  before?: number
  after?: number
}

const KINDS: Record<string, 'added' | 'removed' | 'same'> = { '+': 'added', '-': 'removed', ' ': 'same' }

/** Reads a unified diff of one or several files. */
export function parseDiff(unified: string): DiffLine[] {
  let [before, after, left, right] = [0, 0, 0, 0]
  return unified.replace(/\n$/, '').split('\n').filter((line) => line !== '' || left + right > 0).map((line): DiffLine => {
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line)
    if (hunk !== null) {
      ;[before, left, after, right] = [Number(hunk[1]), Number(hunk[2] ?? 1), Number(hunk[3]), Number(hunk[4] ?? 1)]
      return { kind: 'hunk', text: `line ${String(after)}` }
    }
    // A removed line may begin with `--`: inside a hunk its sign alone counts.
    const kind = left + right > 0 ? KINDS[line[0] ?? ' '] : undefined
    if (kind === undefined) return { kind: /^(---|\+\+\+) /.test(line) ? 'file' : 'note', text: line }
    const numbers = { ...(kind !== 'added' && { before }), ...(kind !== 'removed' && { after }) }
    if (kind !== 'added') [before, left] = [before + 1, left - 1]
    if (kind !== 'removed') [after, right] = [after + 1, right - 1]
    return { kind, text: line.slice(1), ...numbers }
  })
}

/** `3 lines added, 1 removed` */
export function sizeOf(lines: readonly DiffLine[]): string {
  const count = (kind: string): number => lines.filter((line) => line.kind === kind).length
  const [added, removed] = [count('added'), count('removed')]
  return `${String(added)} ${added === 1 ? 'line' : 'lines'} added, ${String(removed)} removed`
}
