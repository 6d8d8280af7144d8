/** Where two texts part, in words. */
export interface Parting {
  /** Characters that are alike before it; both texts go on, or one of them ends, here. */
  at: number
  /** `First difference at character 19: expected “n”, got “f”.` */
  sentence: string
}

/** Texts that share less than this at their beginning are seen to differ at a glance. */
const MIN_ALIKE = 2

/**
 * The first difference of an expected and an actual value, or undefined when marking it would not help: they are the
 * same, or have nothing in common at their beginning.
 */
export function firstUnlike(expected: string, actual: string): Parting | undefined {
  if (expected === actual) return undefined
  const [left, right] = [[...expected], [...actual]]
  let place = 0
  while (place < left.length && left[place] === right[place]) place += 1
  if (place < MIN_ALIKE) return undefined
  const line = left.slice(0, place).filter((character) => character === '\n').length + 1
  const column = place - left.lastIndexOf('\n', place - 1)
  const where = line === 1 ? `character ${String(column)}` : `line ${String(line)}, character ${String(column)}`
  const sentence = `First difference at ${where}: expected ${nameOf(left[place])}, got ${nameOf(right[place])}.`
  return { at: left.slice(0, place).join('').length, sentence }
}

/** A text in three parts: what is alike, the first character that is not, the rest. */
export function partedAt(text: string, at: number): [before: string, first: string, after: string] {
  const first = [...text.slice(at)][0] ?? ''
  return [text.slice(0, at), first, text.slice(at + first.length)]
}

/** One character so that it can be told apart, also where it cannot be seen. */
export function nameOf(character: string | undefined): string {
  if (character === undefined || character === '') return 'the end'
  if (character === ' ') return 'a space'
  if (character === '\n') return 'a line end'
  if (character === '\t') return 'a tab'
  const code = character.codePointAt(0) ?? 0
  const isHidden = /[\p{C}\p{Z}\p{M}]/u.test(character)
  return isHidden ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}` : `“${character}”`
}
