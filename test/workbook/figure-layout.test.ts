import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numberText, scaleOf, spreadLabels } from '../../docs/.vitepress/theme/figure/plot-scale.ts'
import { layOutSequence, wrap } from '../../docs/.vitepress/theme/figure/sequence-layout.ts'
import { linkAt, nodeAt, packetsAt } from '../../docs/.vitepress/theme/figure/stage-layout.ts'
import { NAMES, runs } from './support/figure-runs.ts'

/** The picture's width on a screen of 320 px, and a letter's at 12 px. */
const NARROW_PX = 256
const LETTER_PX = 6.6

describe('the sequence part', () => {
  test('stays inside its bounds', () => {
    fc.assert(fc.property(runs, (run) => {
      const { participants, slants, notes, rows, height } = layOutSequence(run.trace, run.marks, NAMES)
      expect([...participants.map(({ x }) => x), ...slants.flatMap(({ fromX, toX, labelX }) => [fromX, toX, labelX])].every(isPercent)).toBe(true)
      const ends = [...slants.flatMap(({ fromY, toY, labelY }) => [fromY, toY, labelY]), ...notes.map(({ y, lines }) => y + lines.length * 16)]
      const depths = [...rows.map(({ y }) => y), ...ends]
      expect(depths.every((y) => y > 20 && y <= height)).toBe(true)
    }))
  })

  test('time goes down, and rows keep their distance', () => {
    fc.assert(fc.property(runs, (run) => {
      const { slants, rows } = layOutSequence(run.trace, run.marks, NAMES)
      expect(rows.every(({ y, at }, index) => index === 0 || (y - (rows[index - 1]?.y ?? 0) >= 30 && at > (rows[index - 1]?.at ?? 0)))).toBe(true)
      expect(slants.every(({ fromY, toY }) => toY >= fromY)).toBe(true)
    }))
  })

  test('an arrow joins the two that it names, and a lost one falls short', () => {
    fc.assert(fc.property(runs, (run) => {
      const { slants, participants } = layOutSequence(run.trace, run.marks, NAMES)
      const xOf = (name: string): number => participants.find((one) => one.name === name)?.x ?? -1
      for (const { event, fromX, toX } of slants) {
        expect(fromX).toBe(xOf(event.from))
        expect(Math.abs(toX - xOf(event.to)) < 0.001).toBe(event.lost !== true)
      }
    }))
  })

  test('notes of one moment and one node do not cover each other, and fit a narrow screen between two', () => {
    fc.assert(fc.property(runs, (run) => {
      const { notes } = layOutSequence(run.trace, run.marks, ['client', 'server'])
      for (const [index, note] of notes.entries()) {
        const others = notes.slice(index + 1).filter(({ mark }) => mark.at === note.mark.at && mark.node === note.mark.node)
        expect(others.every(({ y }) => y >= note.y + note.lines.length * 16 || y + 16 <= note.y)).toBe(true)
        const [x, width] = [(note.x / 100) * NARROW_PX, Math.max(...note.lines.map((line) => line.length)) * LETTER_PX]
        const left = { start: x, middle: x - width / 2, end: x - width }[note.anchor]
        expect(left >= -1 && left + width <= NARROW_PX + 1).toBe(true)
      }
    }))
  })

  test('text is broken between words and loses none', () => {
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), (words) => {
      const lines = wrap(words.join(' '))
      expect(lines.join(' ')).toBe(words.join(' '))
      expect(lines.every((line) => line.length <= 20)).toBe(true)
    }))
  })
})

describe('the stage', () => {
  const nodes = NAMES.map((id, index) => ({ id, x: index * 30, y: index * 20 }))

  test('a packet is on the straight line between its two nodes, at all times', () => {
    fc.assert(fc.property(runs, fc.nat(1_000), (run, t) => {
      for (const { event, x, y } of packetsAt(run.trace, nodes, t, run.endsAt)) {
        const [from, to] = [nodes.find(({ id }) => id === event.from)!, nodes.find(({ id }) => id === event.to)!]
        expect(event.at).toBeLessThanOrEqual(t)
        expect(x).toSatisfy((value: number) => value >= Math.min(from.x, to.x) && value <= Math.max(from.x, to.x))
        expect((x - from.x) * (to.y - from.y)).toBeCloseTo((y - from.y) * (to.x - from.x), 6)
      }
    }))
  })

  test('later changes stand over earlier ones, and none counts before its time', () => {
    const changes = [{ at: 0, node: 'ana', text: 'one', queue: ['a'] }, { at: 10, node: 'ana', text: 'two' }, { at: 20, node: 'ben', isDown: true }]
    expect(nodeAt(changes, 'ana', 15)).toMatchObject({ text: 'two', queue: ['a'] })
    expect(nodeAt(changes, 'ben', 15)).toEqual({})
    expect(linkAt([{ at: 5, link: 'ab', isCut: true }], 'ab', 4)).toEqual({})
    expect(linkAt([{ at: 5, link: 'ab', isCut: true }], 'ab', 5)).toMatchObject({ isCut: true })
  })
})

describe('the plot', () => {
  const values = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1 })

  test('keeps every value and tick on its axis, in order', () => {
    fc.assert(fc.property(values, fc.constantFrom('linear' as const, 'log' as const), (data, scale) => {
      const { at, ticks } = scaleOf({ label: 'x', scale }, data)
      expect([...data, ...ticks].map(at).every(isPercent)).toBe(true)
      const sorted = [...data].sort((a, b) => a - b).map(at)
      expect(sorted.every((place, index) => place >= (sorted[index - 1] ?? 0) - 1e-9)).toBe(true)
      expect(ticks.length).toSatisfy((count: number) => count >= 2 && count <= 12)
    }))
  })

  test('refuses a logarithm of nothing', () => {
    expect(() => scaleOf({ label: 'peers', scale: 'log' }, [0, -3])).toThrow(/above 0 on the logarithmic axis "peers"/)
  })

  test('names keep their distance, order and bounds', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 6 }), (wanted) => {
      const places = spreadLabels(wanted, 8)
      const sorted = [...places].sort((a, b) => a - b)
      expect(sorted.every((place, index) => index === 0 || place - (sorted[index - 1] ?? 0) >= 8 - 1e-9)).toBe(true)
      expect(places.every(isPercent)).toBe(true)
    }))
    expect(spreadLabels([10, 90], 8)).toEqual([10, 90])
  })

  test('numbers are short', () => {
    expect([0, 0.25, 999, 1_000, 12_000, 3_400_000].map(numberText)).toEqual(['0', '0.25', '999', '1000', '12k', '3.4M'])
  })
})

function isPercent(place: number): boolean {
  return place >= -1e-6 && place <= 100 + 1e-6
}
