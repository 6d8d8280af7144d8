/** The lines of a program that are longer than a reader likes. */
export function longLines(text) {
  return text.split('\n').filter((line) => line.length > 120)
}
