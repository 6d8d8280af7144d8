import type { RandomValues } from '../types/index.ts'

/** A chunk is cut into one piece more than this at most. */
const MAX_CUTS = 4
/** A request line, and the first header, lie within so many bytes. */
const START_BYTES = 24

const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Cuts bytes where programs that take a packet for a message would like it least: in the start line, in the
 * end of a head, in the middle of a letter of several bytes, and anywhere else. Sometimes not at all.
 * @returns the pieces in order; joined, they are the bytes
 */
export function cut(bytes: Buffer, random: RandomValues): Buffer[] {
  const places = new Set<number>()
  for (let count = random.integer(0, MAX_CUTS); count > 0 && bytes.length > 1; count -= 1) places.add(place(bytes, random))
  const ends = [...places].sort((one, other) => one - other)
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

/** Where the second piece begins: from 1 to the last byte. */
function place(bytes: Buffer, random: RandomValues): number {
  const last = bytes.length - 1
  const headEnd = bytes.indexOf(HEAD_END)
  const inHeadEnd = headEnd === -1 ? [] : [random.integer(headEnd, headEnd + HEAD_END.length)]
  const choices = [random.integer(1, last), random.integer(1, START_BYTES), ...inHeadEnd, ...inLetter(bytes, random)]
  return Math.min(last, Math.max(1, random.pick(choices)))
}

/** True for the second or a later byte of a letter in UTF-8. */
export function isInLetter(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

/** The second or a later byte of a letter in UTF-8, when there is one after a random place. */
function inLetter(bytes: Buffer, random: RandomValues): number[] {
  const from = random.integer(0, bytes.length - 1)
  const after = bytes.subarray(from).findIndex(isInLetter)
  const found = after === -1 ? bytes.findIndex(isInLetter) : from + after
  return found === -1 ? [] : [found]
}
