import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivalOf } from '../../docs/.vitepress/theme/figure/happenings.ts'
import { combinationsOf, figureProblems, shareOfSeeds } from '../../docs/.vitepress/theme/figure/prove.ts'
import { restingState } from '../../docs/.vitepress/theme/figure/state.ts'
import { CUTTABLE } from '../../docs/10-two-peers/frames.ts'
import { figure } from '../../docs/10-two-peers/model.ts'
import { isMixedUp, isRight } from '../../docs/10-two-peers/outcomes.ts'
import { CLOSE_MS, SILENT_MS, type Parameters, type Run } from '../../docs/10-two-peers/simulate.ts'

const anything = fc.constantFrom(...combinationsOf(figure))
const anyCut = fc.constantFrom(...CUTTABLE)

function run(parameters: Partial<Parameters> = {}): Run {
  return figure.simulate({ ...restingState(figure).parameters, ...parameters } as Parameters, 1)
}

describe('the figure of chapter 10', () => {
  test('is a sound model', () => {
    expect(figureProblems(figure)).toEqual([])
  })

  test('rests on the point: both ask and answer on the channel that one of them opened, and all is right', () => {
    const { outcomes, trace } = run()
    expect(outcomes.map(({ question }) => question.asker)).toEqual(['Ada', 'Ada', 'Ben'])
    expect(outcomes.every(isRight)).toBe(true)
    for (const name of ['Ada', 'Ben']) {
      expect(new Set(trace.filter(({ from }) => from === name).map(({ summary }) => summary.split(' ')[0]))).toContain('request')
      expect(new Set(trace.filter(({ from }) => from === name).map(({ summary }) => summary.split(' ')[0]))).toContain('response')
    }
  })

  test('in two roles only the caller asks, and loses nothing without ids, because one question is open', () => {
    for (const ids of [true, false]) {
      const { outcomes } = run({ who: 'caller', ids })
      expect(outcomes.map(({ question }) => question.asker)).toEqual(['Ben'])
      expect(outcomes.every(isRight)).toBe(true)
    }
  })

  // The prediction `10-ids`.
  test('without ids both of Ada\'s questions get the wrong answer, and Ben\'s the right one', () => {
    expect(shareOfSeeds(figure, { ids: false }, ({ outcomes }) => outcomes.every((outcome) => isMixedUp(outcome) === (outcome.question.asker === 'Ada')))).toBe(1)
  })

  // The prediction `10-close`.
  test('without a heartbeat /peers goes on naming who has fallen silent for 17.4 s', () => {
    expect(shareOfSeeds(figure, { heartbeat: false, cut: 'gale-1' }, ({ listedForMs }) => listedForMs.length === 2 && listedForMs.every((ms) => ms === CLOSE_MS))).toBe(1)
    expect(CLOSE_MS).toBeGreaterThan(15_000)
  })

  test('with a heartbeat each side drops the other 2 s after the last frame that it had', () => {
    fc.assert(fc.property(anyCut, fc.boolean(), (cut, ids) => {
      const { trace, marks = [] } = run({ cut, ids })
      for (const name of ['Ada', 'Ben']) {
        const lastAt = Math.max(...trace.filter(({ to, lost }) => to === name && lost !== true).map(arrivalOf))
        expect(marks.find(({ node, text }) => node === name && text.startsWith('drops'))?.at).toBe(lastAt + SILENT_MS)
      }
    }))
  })

  test('every question that is asked ends in 200 or 504, and nothing that is sent after the cut arrives', () => {
    fc.assert(fc.property(anything, (parameters) => {
      const { outcomes, trace } = figure.simulate(parameters, 1)
      const cutAt = trace.find(({ key }) => key === parameters.cut)?.at ?? Number.POSITIVE_INFINITY
      expect(outcomes.every(({ status }) => status === 200 || status === 504)).toBe(true)
      expect(trace.every(({ at, lost }) => (lost === true) === (at >= cutAt))).toBe(true)
    }))
  })

  test('a question whose chunks were lost gets 504 within 2 s of its last chunk, though send() took them all', () => {
    const { outcomes, marks = [] } = run({ cut: 'gale-2' })
    const gale = outcomes.find(({ question }) => question.title === 'gale')
    expect(gale).toMatchObject({ sent: 2, lost: 1, status: 504 })
    expect(marks.find(({ text }) => text === 'gets 504 for gale')?.at).toBe((gale?.clockFrom ?? 0) + SILENT_MS)
  })
})
