/** Random values of one purpose, the same for the same seed on every machine. */
export interface Stream {
  /** From 0 (included) to 1 (excluded). */
  next(): number
  /** Between the two, both included. */
  integer(min: number, max: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** The time until the next of events that come at random, `mean` apart on average. */
  exponential(mean: number): number
  pick<T>(values: readonly T[]): T
  shuffled<T>(values: readonly T[]): T[]
}

/** What a model may draw by lot. */
export type Purpose = 'arrivals' | 'work' | 'loss' | 'choice'

/**
 * One stream a purpose, so that a change of one (more loss, say) leaves the others as they were: what the
 * reader sees change is what the reader has changed.
 * @param seed any integer; its lowest 32 bits count
 */
export function streams(seed: number): Record<Purpose, Stream> {
  return { arrivals: stream(seed, 'arrivals'), work: stream(seed, 'work'), loss: stream(seed, 'loss'), choice: stream(seed, 'choice') }
}

/** A stream for a purpose of your own. */
export function stream(seed: number, purpose: string): Stream {
  const next = createGenerator(mixed(seed, purpose))
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    exponential: (mean) => -mean * Math.log(1 - next()),
    pick: (values) => pick(values, integer),
    shuffled: (values) => shuffled(values, integer),
  }
}

/** FNV-1a over the purpose, begun with the seed. */
function mixed(seed: number, purpose: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0
  for (const character of purpose) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash
}

/**
 * mulberry32: 32 bits of state.
 * @see https://github.com/cprosche/mulberry32
 */
function createGenerator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}

function pick<T>(values: readonly T[], integer: Stream['integer']): T {
  if (values.length === 0) throw new RangeError('Expected at least one value to pick from')
  return values[integer(0, values.length - 1)] as T
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], integer: Stream['integer']): T[] {
  const left = [...values]
  return values.map(() => left.splice(integer(0, left.length - 1), 1)[0] as T)
}
