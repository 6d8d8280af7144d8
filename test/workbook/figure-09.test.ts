import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figureProblems, shareOfSeeds } from '../../docs/.vitepress/theme/figure/prove.ts'
import { figure, type Parameters, type Run } from '../../docs/09-meeting-point/model.ts'
import { MEETING_POINT } from '../../docs/09-meeting-point/stage.ts'

const RESTING: Parameters = { done: '1234', ben: 'ordinary', ada: 'ordinary', relay: false }
const run = (changed: Partial<Parameters> = {}): Run => figure.simulate({ ...RESTING, ...changed }, 1)
const orders = figure.controls.flatMap((control) => (control.name === 'done' && control.kind === 'select' ? control.options.map(({ value }) => value) : []))
const kinds = fc.constantFrom('none' as const, 'ordinary' as const, 'strict' as const)
const all = fc.record({ done: fc.constantFrom(...orders), ben: kinds, ada: kinds, relay: fc.boolean() })
const says = ({ marks = [] }: Run): string[] => marks.map(({ node, text }) => [node, text].filter(Boolean).join(' '))
const DATA = ['recording, please', 'first half', 'second half', 'the next one, please', 'next recording']

describe('the figure of chapter 09', () => {
  test('is well made', () => {
    expect(figureProblems(figure)).toEqual([])
  })

  test('rests with a link and the recording there', () => {
    expect(run()).toMatchObject({ way: 'direct', isDelivered: true })
  })

  test.each([
    ['none', 'none', 'direct'], ['none', 'ordinary', 'direct'], ['none', 'strict', 'direct'],
    ['ordinary', 'none', 'direct'], ['ordinary', 'ordinary', 'direct'], ['ordinary', 'strict', 'direct'],
    ['strict', 'none', 'direct'], ['strict', 'ordinary', 'direct'], ['strict', 'strict', 'none'],
  ] as const)('between %s and %s there is this way: %s, in whatever order the signals come', (ben, ada, way) => {
    for (const done of orders.filter((one) => /^[1-4]{4}$/.test(one))) {
      expect(run({ ben, ada, done }).way, done).toBe(way)
      expect(run({ ben, ada, done, relay: true }).way, done).toBe(way === 'none' ? 'relay' : way)
    }
  })

  test('never carries a recording through the meeting point or STUN, nor through TURN without need', () => {
    fc.assert(fc.property(all, (parameters) => {
      const simulation = run(parameters)
      for (const { from, to, summary } of simulation.trace.filter((event) => DATA.includes(event.summary))) {
        expect([from, to], summary).not.toContain(MEETING_POINT)
        expect([from, to], summary).not.toContain('STUN')
        if (simulation.way === 'direct') expect([from, to]).not.toContain('TURN')
      }
    }))
  })

  test('links nobody without an introduction', () => {
    fc.assert(fc.property(all, (parameters) => {
      if (!parameters.done.includes('1') || !parameters.done.includes('3')) expect(run(parameters).way).toBe('none')
    }))
  })

  test('lets nobody receive from a dead meeting point', () => {
    fc.assert(fc.property(all, (parameters) => {
      const { trace, marks = [] } = run(parameters)
      const death = marks.find(({ node, text }) => node === MEETING_POINT && text === 'killed')
      if (death === undefined) return
      const after = trace.filter(({ at, from, to }) => at >= death.at && (from === MEETING_POINT || to === MEETING_POINT))
      expect(after.filter(({ lost }) => lost !== true)).toEqual([])
    }))
  })

  test('keeps a candidate that is early, and loses nothing by it', () => {
    expect(says(run({ done: '2' }))).toContain('Ada keeps it until the offer comes')
    expect(says(run({ done: '14' }))).toContain('Ben keeps it until the answer comes')
    expect(run({ done: '2143' })).toMatchObject({ way: 'direct', isDelivered: true })
  })

  test('ends a relayed call when the relay dies, and only then', () => {
    const relayed = { ben: 'strict', ada: 'strict', relay: true } as const
    expect(run({ ...relayed, done: '1234k' }).isDelivered).toBe(true)
    expect(run({ ...relayed, done: '1234r' }).isDelivered).toBe(false)
    expect(run({ relay: true, done: '1234r' }).isDelivered).toBe(true)
  })

  test('answers the predictions: killed after the link, killed before it, two strict routers with STUN', () => {
    expect(shareOfSeeds(figure, { done: '1234k' }, (one) => one.isDelivered && says(one).includes('Ben has the next one too'))).toBeGreaterThanOrEqual(0.95)
    expect(shareOfSeeds(figure, { done: '12k' }, (one) => says(one).includes('Ben will never be linked'))).toBeGreaterThanOrEqual(0.95)
    expect(shareOfSeeds(figure, { ben: 'strict', ada: 'strict' }, (one) => one.way === 'none' && says(one).includes('no direct way'))).toBeGreaterThanOrEqual(0.95)
  })
})
