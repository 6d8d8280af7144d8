import type { RandomValues } from './types/index.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/**
 * Values that look random and depend on the seed alone. No two words of one instance are alike, and no
 * bytes are all zero.
 * @param seed any integer; its lowest 32 bits count
 */
export function createRandom(seed: number): RandomValues {
  const next = createGenerator(seed)
  const words = new Set<string>()
  const integer = (min: number, max: number): number => {
    if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || max < min) {
      throw new RangeError(`Expected integers with min at most max, got ${min} and ${max}`)
    }
    return min + Math.floor(next() * (max - min + 1))
  }
  const word = (): string => {
    for (;;) {
      const made = Array.from({ length: integer(6, 10) }, () => LETTERS[integer(0, 25)]).join('')
      if (words.has(made)) continue
      words.add(made)
      return made
    }
  }
  return { seed, word, integer, bytes: (length) => makeBytes(length, integer), pick: (values) => pick(values, integer) }
}

/**
 * mulberry32: numbers from 0 (included) to 1 (excluded), 32 bits of state, the same on every machine.
 * @see https://github.com/cprosche/mulberry32
 */
function createGenerator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function makeBytes(length: number, integer: RandomValues['integer']): Uint8Array {
  const bytes = Uint8Array.from({ length }, () => integer(0, 255))
  if (bytes.length > 0 && bytes.every((byte) => byte === 0)) bytes[0] = integer(1, 255)
  return bytes
}

function pick<T>(values: readonly T[], integer: RandomValues['integer']): T {
  if (values.length === 0) throw new RangeError('Expected at least one value to pick from')
  return values[integer(0, values.length - 1)] as T
}
