/** The operators that make mutants: each on a line of its own. */
import { expect, test } from 'vitest'
import { isEqual, staleEquals } from '../mutants/equals.ts'
import { mutantsOf } from '../mutants/mutate.ts'

const mutations = (program: string): string[] => mutantsOf(program).map(({ mutated }) => mutated)

test.each<[what: string, program: string, mutated: string[]]>([
  ['fixes a condition and turns it round', 'if (a) b()', ['if (true) b()', 'if (false) b()', 'if (!(a)) b()']],
  ['drops a part of a condition', 'x = a || b', ['x = false || b', 'x = a || false', 'x = a && b']],
  ['shifts a comparison', 'x = a < b', ['x = a <= b', 'x = a >= b']],
  ['swaps arithmetic', 'x = a * b', ['x = a / b']],
  ['takes one side of ??', 'x = a ?? b', ['x = a', 'x = b']],
  ['changes a number', 'reply(404)', ['reply(405)', 'reply(403)', 'reply(0)']],
  ['empties a text', "reply('text')", ["reply('')"]],
  ['empties a piece of a template', 'reply(`id: ${id}!`)', ['reply(`${id}!`)', 'reply(`id: ${id}`)']],
  ['leaves a statement out', 'a(); b()', ['; b()', 'a(); ;']],
  ['leaves a member out', 'x = { a, b }', ['x = { b }', 'x = { a }']],
  ['leaves a handler out', 'app.post(a, b)', ['app.post(b)', 'app.post(a)']],
  ['swaps a method', 'x = list.some(f)', ['x = list.every(f)']],
  ['skips a call of a chain', 'reply.status(one).json(b)', ['reply.json(b)', 'reply.status(one)']],
  ['does not wait', 'x = await a', ['x = (a)']],
])('%s', (_what, program, mutated) => {
  expect(mutations(program)).toEqual(expect.arrayContaining(mutated))
})

test('makes no mutant of a type, of an import, and none twice', () => {
  expect(mutations("import type { A } from 'a'\ntype B = 'b' | 1\ninterface C { d: 'e' }\n")).toEqual([])
  const texts = mutantsOf('if (1 < 2) reply(`a`, a ?? b)').map(({ text }) => text)
  expect(new Set(texts).size).toBe(texts.length)
})

test('knows an equal by its text, and an entry that has none any more', () => {
  const mutants = mutantsOf('\n\n  x = a < b')
  const equals = [{ original: 'x = a < b', mutated: ['x = a <= b', 'x = a > b'], reason: 'an example' }]
  expect(mutants.filter((mutant) => isEqual(mutant, equals)).map(({ mutated }) => mutated)).toEqual(['x = a <= b'])
  expect(mutants[0]?.line).toBe(3)
  expect(staleEquals(mutants, equals)).toEqual(['x = a < b → x = a > b'])
})
