/** A program's own text is data: shown as it is written, it could recolour, clear or rename a learner's terminal. */

// Control characters except line feed and tab, what turns the direction of text or hides it, halves of surrogate pairs.
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Surrogate}]/gu

/** Text in which each control character is shown as `\x1b` or `\u202e`; line ends become `\n`. */
export function plainText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSAFE, escapeCharacter)
}

/** A value as one line of JSON that says the same as `JSON.stringify` does, and that a terminal shows as it is. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) => character.split('').map(escapeUnit).join(''))
}

/** A text on one line, cut at `maxLength` characters. */
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
  const code = character.codePointAt(0) ?? 0
  if (code > 0xffff) return `\\u{${code.toString(16)}}`
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : escapeUnit(character)
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
