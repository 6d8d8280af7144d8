import { isUtf8 } from 'node:buffer'

/** How much of a body a trace keeps. */
export const MAX_BODY_BYTES = 4_096

/** Bytes as UTF-8 text; a byte that is not part of a character is shown as `\xNN`. */
export function readableBytes(bytes: Uint8Array): string {
  return decoded(bytes) ?? decodedByPieces(bytes)
}

/** The first `maxBytes` of a text's bytes, without half a character at the cut. */
export function cutBytes(bytes: Uint8Array, maxBytes = MAX_BODY_BYTES): Uint8Array {
  if (bytes.length <= maxBytes) return bytes
  const kept = bytes.subarray(0, maxBytes)
  for (let back = 1; back <= 4; back++) {
    const size = characterSize(kept[maxBytes - back] ?? 0)
    if (size > back) return kept.subarray(0, maxBytes - back)
    if (size > 0) return kept
  }
  return kept
}

/** `1 byte`, `2 bytes`, `16,384 bytes`. */
export function countBytes(count: number): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? 'byte' : 'bytes'}`
}

/** Bytes in quotation marks for a message, cut at `maxCharacters`; line ends are shown as `\r\n`. */
export function quoteBytes(bytes: Uint8Array, maxCharacters = 80): string {
  return quoteText(readableBytes(cutBytes(bytes, maxCharacters * 4)), maxCharacters)
}

/** A text in quotation marks for a message, on one line, cut at `maxCharacters`. */
export function quoteText(text: string, maxCharacters = 80): string {
  const characters = [...text]
  if (characters.length <= maxCharacters) return JSON.stringify(text)
  return `${JSON.stringify(characters.slice(0, maxCharacters).join('')).slice(0, -1)}…"`
}

/** Without an exception for bytes that are no text: a recording of 8 MiB has many of them. */
function decoded(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

function decodedByPieces(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const size = Math.max(1, characterSize(bytes[at] ?? 0))
    const character = decoded(bytes.subarray(at, at + size))
    text += character ?? `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
    at += character === undefined ? 1 : size
  }
  return text
}

/** How many bytes the character has that begins with this one; 0 when none begins here. */
function characterSize(first: number): number {
  if (first < 0x80) return 1
  if (first < 0xc0) return 0
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}
