/** A program's own text is data: shown as it is written, it could recolour, clear or rename a learner's terminal. */

// Control characters except line feed and tab, what turns the direction of text or hides it, halves of surrogate pairs.
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\p{Surrogate}]/gu

/** Text in which each control character is shown as `\x1b` or `\u202e`; line ends become `\n`. */
export function plainText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSAFE, escapeCharacter)
}

/** The same on one line, cut at `maxLength` characters. */
export function plainLine(text: string, maxLength = 160): string {
  const line = plainText(text).replaceAll('\n', '\\n').replaceAll('\t', ' ')
  const characters = [...line]
  return characters.length > maxLength ? `${characters.slice(0, maxLength - 1).join('')}…` : line
}

/** Each line of a text behind the same margin; more than `maxLines` lose their middle. */
export function indent(text: string, margin: string, maxLines = Number.POSITIVE_INFINITY): string[] {
  return shorten(plainText(text).split('\n'), maxLines, 'lines').map((line) => `${margin}${line}`.trimEnd())
}

/** A list without its middle when it is too long; a line says how many are missing. */
export function shorten(lines: readonly string[], maxLines: number, noun: string): string[] {
  if (lines.length <= maxLines) return [...lines]
  const head = Math.max(1, Math.floor(maxLines / 4))
  const missing = lines.length - maxLines
  return [...lines.slice(0, head), `… ${String(missing)} more ${noun} …`, ...lines.slice(head + missing)]
}

/** `1 check`, `2 checks`. */
export function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`
}

/** `85 ms`, `1.4 s`. */
export function duration(ms: number): string {
  return ms < 1_000 ? `${String(Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
