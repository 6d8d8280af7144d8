/** The last lines of what was printed: evidence that fits under a message. */
export function endOfOutput(output: { stdout: string; stderr: string }, maxLines = 10): string | undefined {
  const text = output.stderr.trim() === '' ? output.stdout : output.stderr
  const lines = text.trimEnd().split('\n').slice(-maxLines)
  const end = lines.join('\n').slice(-1_500).trim()
  return end === '' ? undefined : end
}

/** The first line of a message, cut so that it can stand in a title. */
export function firstLine(text: string, maxLength = 160): string {
  const line = text.split('\n').find((each) => each.trim() !== '')?.trim() ?? ''
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line
}

/** `512 MiB` */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`
}

/**
 * The candidate that somebody may have meant: at most two letters inserted, left out, changed or swapped, and
 * never more than a third of the word.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.min(2, Math.floor(word.length / 3))
  const scored = candidates.map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
  const [best] = scored.filter(({ distance }) => distance <= limit).sort((one, other) => one.distance - other.distance)
  return best?.candidate
}

/** Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours. */
function editDistance(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1
      const steps = [(last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + same]
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      if (swapped && row > 1 && column > 1) steps.push((beforeLast[column - 2] ?? 0) + 1)
      current.push(Math.min(...steps))
    }
    beforeLast = last
    last = current
  }
  return last[other.length] ?? one.length
}
