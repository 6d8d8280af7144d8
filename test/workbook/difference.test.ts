/** Where two JSON values first differ. */
import { expect, test } from 'vitest'
import { firstDifference } from '../harness/client/difference.ts'

test('the first difference of two JSON values', () => {
  const difference = (expected: unknown, actual: unknown): string => {
    const found = firstDifference(expected, actual)
    return found === undefined ? 'none' : `${found.path}: ${found.expected} / ${found.actual}`
  }
  expect(difference({ a: [1, { b: 'x' }] }, { a: [1, { b: 'y' }] })).toBe('.a[1].b: "x" / "y"')
  expect(difference([1], [1, 2])).toBe('[1]: nothing / 2')
  expect(difference({ 'a-b': 1 }, {})).toBe('["a-b"]: 1 / nothing')
  expect(difference([], {})).toBe(': [] / {}')
  expect(difference({ a: null }, { a: undefined })).toBe('.a: null / undefined')
  expect(difference('1', 1)).toBe(': "1" / 1')
  expect(difference({ a: 1, b: 2, c: undefined }, { b: 2, a: 1 })).toBe('none')
})
