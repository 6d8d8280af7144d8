/** What is not seen: control characters except tab and line ends, and what turns the direction of text. */
const UNSEEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * A program's text with nothing unseen in it, character by character: control characters are shown by their pictures
 * (␀, ␛), others by ␦. HTML would change some of them without a word, and a right-to-left mark what stands beside it.
 */
export function visibleText(text = ''): string {
  return text.replace(UNSEEN, (sign) => {
    const code = sign.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === 0x7f ? '␡' : '␦'
  })
}
