/**
 * A body as text, its control characters shown by their pictures (␀, ␛): HTML would change some of them without a
 * word, and the page would differ from what its script expects.
 */
export function visibleText(text: string): string {
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, (sign) => (sign === '\x7f' ? '␡' : String.fromCharCode(0x2400 + sign.charCodeAt(0))))
}
