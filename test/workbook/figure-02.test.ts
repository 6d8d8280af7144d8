import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figure, type Parameters, type Run } from '../../docs/02-authentication/model.ts'
import { kinds } from '../../docs/02-authentication/tokens.ts'
import { combinationsOf, figureProblems, shareOfSeeds } from '../../docs/.vitepress/theme/figure/prove.ts'

const kind = fc.constantFrom('random', 'signed', 'readable')
const out = fc.constantFrom('no', 'client', 'server')
const believed = (parameters: Parameters): string => figure.simulate(parameters, 1).belief.believed
const answers = (run: Run): string[] => run.trace.filter(({ to }) => to === 'Eve').map(({ summary }) => summary)

describe('whose token', () => {
  test('the model keeps its promises', () => {
    expect(figureProblems(figure)).toEqual([])
  })

  test('the prediction: at rest the server believes that Eve is Ada', () => {
    expect(shareOfSeeds(figure, {}, ({ belief }) => belief.believed === 'ada' && belief.show === '403 Forbidden')).toBe(1)
  })

  test('what Ada does to her own copy changes nothing for Eve’s', () => {
    fc.assert(fc.property(kind, fc.boolean(), (token, edited) => {
      expect(answers(figure.simulate({ token, edited, out: 'client' }, 1))).toEqual(answers(figure.simulate({ token, edited, out: 'no' }, 1)))
    }))
  })

  test('only a server that looks tokens up can forget one', () => {
    fc.assert(fc.property(kind, (token) => {
      expect(believed({ token, edited: false, out: 'server' })).toBe(token === 'random' ? 'nobody' : 'ada')
    }))
  })

  test('one changed character is refused, unless nothing proves the token', () => {
    fc.assert(fc.property(kind, out, (token, way) => {
      expect(believed({ token, edited: true, out: way })).toBe(token === 'readable' ? 'ida' : 'nobody')
    }))
  })

  test('401 is for nobody, 403 for a listener, 201 for a presenter', () => {
    for (const parameters of combinationsOf(figure)) {
      const run = figure.simulate(parameters, 1)
      const statuses = { nobody: '401 Unauthorized', ada: '403 Forbidden', ida: '201 Created' }
      expect(answers(run)[1]).toBe(statuses[run.belief.believed])
      expect(answers(run)[0]?.startsWith('401')).toBe(run.belief.believed === 'nobody')
    }
  })

  test('the readable tokens say what the page says, and differ in one character', () => {
    const { token, edited } = kinds.find(({ value }) => value === 'readable')!
    const read = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString())
    expect([read(token), read(edited)]).toEqual([{ name: 'ada' }, { name: 'ida' }])
    for (const { token: whole, edited: changed } of kinds) {
      expect([...whole].filter((character, index) => character !== changed[index])).toHaveLength(1)
    }
  })
})
