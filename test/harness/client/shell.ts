import { isUtf8 } from 'node:buffer'
/** Quoting for a POSIX shell, so that a line can be pasted. */

/** One word: as it is when nothing in it is special, in single quotes otherwise. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** True when the bytes are text that a terminal shows and keeps: UTF-8 without control characters. */
export function isPlainText(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false
  const text = Buffer.from(bytes).toString('utf8')
  return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)
}

/** A `printf` command that writes exactly these bytes. */
export function printf(bytes: Uint8Array): string {
  return `printf ${quoted([...pieces(bytes)].map(escapePiece).join(''))}`
}

/** Text that is shown as it is, and single bytes that are escaped. */
function* pieces(bytes: Uint8Array): Generator<string | number> {
  const text = Buffer.from(bytes).toString('utf8')
  if (Buffer.from(text).equals(bytes)) {
    for (const character of text) yield isPlainText(Buffer.from(character)) ? character : character.charCodeAt(0)
  } else {
    for (const byte of bytes) yield byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte
  }
}

function escapePiece(piece: string | number): string {
  if (piece === 0x0d) return '\\r'
  if (piece === 0x0a) return '\\n'
  if (piece === 0x09) return '\\t'
  if (typeof piece === 'string') return piece.replace('\\', '\\\\').replace('%', '%%')
  return [...Buffer.from(piece < 0x100 ? [piece] : String.fromCharCode(piece))].map(octal).join('')
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
