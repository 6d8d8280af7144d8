/** What checks draw. */
import { describe, expect, test } from 'vitest'
import { createRandom } from '../harness/random.ts'

describe('random values', () => {
  test('depend on the seed alone', () => {
    const draw = (seed: number): unknown => {
      const random = createRandom(seed)
      return [random.word(), random.integer(1, 1_000_000), [...random.bytes(8)], random.pick([1, 2, 3, 4, 5, 6, 7])]
    }
    expect(draw(42)).toEqual(draw(42))
    expect(draw(42)).not.toEqual(draw(43))
  })

  test.each([0, 1, -1, 2 ** 32 - 1, 123.5])('are never degenerate (seed %d)', (seed) => {
    const random = createRandom(seed)
    const words = Array.from({ length: 2_000 }, () => random.word())
    expect(new Set(words).size).toBe(2_000)
    expect(words.every((word) => /^[a-z]{6,10}$/.test(word))).toBe(true)
    const numbers = Array.from({ length: 2_000 }, () => random.integer(1, 6))
    expect([...new Set(numbers)].sort()).toEqual([1, 2, 3, 4, 5, 6])
    for (let count = 0; count < 2_000; count++) expect(random.bytes(1)[0]).toBeGreaterThan(0)
    expect(() => random.pick([])).toThrow(RangeError)
    expect(() => random.integer(2, 1)).toThrow(RangeError)
  })
})
