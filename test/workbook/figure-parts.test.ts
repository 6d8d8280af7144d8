import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  arrivalOf, happeningsOf, momentsOf, nextMoment, previousMoment, progressAt, saidAt,
} from '../../docs/.vitepress/theme/figure/happenings.ts'
import { figureProblems, shareOfSeeds } from '../../docs/.vitepress/theme/figure/prove.ts'
import { stream, streams, type Purpose } from '../../docs/.vitepress/theme/figure/random.ts'
import { readState, restingState, stateIn, toggled, withState, writeState } from '../../docs/.vitepress/theme/figure/state.ts'
import { tablesOf } from '../../docs/.vitepress/theme/figure/tables.ts'
import { traceOf } from '../../docs/.vitepress/theme/figure/trace.ts'
import type { Control, Figure, Simulation } from '../../docs/.vitepress/theme/figure/types.ts'
import { runs } from './support/figure-runs.ts'

const CUT: Control = {
  kind: 'set', name: 'cut', label: 'Cut', value: '', inPicture: true, options: [{ value: 'request', text: 'the request' }, { value: 'reply', text: 'the reply' }],
}
const CONTROLS: Control[] = [
  CUT,
  { kind: 'select', name: 'policy', label: 'Policy', value: 'a b', options: ['a b', 'c;d=e', '50% + ü*&'].map((value) => ({ value, text: value })) },
  { kind: 'range', name: 'count', label: 'Count', value: 3, min: -2, max: 10, step: 0.5 },
  { kind: 'toggle', name: 'retries', label: 'Retries', value: true },
]
const DECLARED = { id: 'one-figure', controls: CONTROLS }

const states = fc.record({
  parameters: fc.record({
    cut: fc.constantFrom('', 'request', 'reply', 'request+reply'),
    policy: fc.constantFrom('a b', 'c;d=e', '50% + ü*&'),
    count: fc.integer({ min: -4, max: 20 }).map((half) => half / 2),
    retries: fc.boolean(),
  }),
  seed: fc.integer({ min: 0, max: 2 ** 32 }),
  t: fc.option(fc.integer({ min: 0, max: 1e6 }).map((tenth) => tenth / 10), { nil: undefined }),
}).map(({ t, ...rest }) => (t === undefined ? rest : { ...rest, t }))

describe('random streams', () => {
  test('are the same for the same seed, and others for another', () => {
    fc.assert(fc.property(fc.integer(), fc.constantFrom<Purpose>('arrivals', 'work', 'loss', 'choice'), (seed, purpose) => {
      const draw = (from: number): number[] => Array.from({ length: 20 }, streams(from)[purpose].next)
      expect(draw(seed)).toEqual(draw(seed))
      expect(draw(seed)).not.toEqual(draw(seed + 1))
    }))
  })

  test('do not disturb each other', () => {
    fc.assert(fc.property(fc.integer(), fc.nat(50), (seed, drawn) => {
      const [one, other] = [streams(seed), streams(seed)]
      for (let index = 0; index < drawn; index += 1) one.loss.next()
      expect(one.work.next()).toBe(other.work.next())
    }))
  })

  test('stay within their bounds, and mix without losing anything', () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: -9, max: 9 }), fc.nat(20), fc.array(fc.nat()), (seed, min, span, values) => {
      const { integer, exponential, next, shuffled } = stream(seed, 'mine')
      expect(integer(min, min + span)).toSatisfy((value: number) => Number.isInteger(value) && value >= min && value <= min + span)
      expect(exponential(5)).toBeGreaterThanOrEqual(0)
      expect(next()).toBeLessThan(1)
      expect(shuffled(values).sort((a, b) => a - b)).toEqual([...values].sort((a, b) => a - b))
    }))
  })

  test('have the mean that they promise', () => {
    const { exponential, chance } = stream(7, 'mean')
    const mean = Array.from({ length: 20_000 }, () => exponential(5)).reduce((sum, value) => sum + value) / 20_000
    expect(mean).toBeCloseTo(5, 0)
    expect(Array.from({ length: 20_000 }, () => chance(0.3)).filter(Boolean).length / 20_000).toBeCloseTo(0.3, 1)
  })
})

describe('a link to a state', () => {
  test('brings back the state, also through what escapes it again', () => {
    fc.assert(fc.property(states, (state) => {
      const written = writeState(DECLARED, state)
      expect(written).toMatch(/^[\w;=.!~*'()-]+$/)
      expect(readState(DECLARED, written)).toEqual(state)
      expect(stateIn(DECLARED, `?utm=1&fig=${encodeURIComponent(written)}`)).toEqual(state)
    }))
  })

  test('says only what differs from rest, and leaves the address alone at rest', () => {
    expect(writeState(DECLARED, restingState(DECLARED))).toBe('one-figure')
    expect(withState('?a=1&fig=one-figure;t=3', 'one-figure', 'one-figure')).toBe('?a=1')
    expect(withState('?fig=one-figure', 'one-figure', 'one-figure')).toBe('')
    expect(withState('?fig=other;t=1', 'one-figure', 'one-figure;t=2')).toBe('?fig=other;t=1&fig=one-figure;t=2')
  })

  test('that makes no sense is as at rest', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const read = readState(DECLARED, `one-figure;${text}`)
      expect(CONTROLS.map(({ name }) => name).every((name) => name in (read?.parameters ?? {}))).toBe(true)
      expect(() => stateIn(DECLARED, `?fig=${text}`)).not.toThrow()
    }))
    const nonsense = 'one-figure;count=lots;policy=none;cut=everything;seed=x;t=-5'
    expect(readState(DECLARED, nonsense)).toEqual(restingState(DECLARED))
    expect(readState(DECLARED, 'one-figure;count=999')?.parameters.count).toBe(10)
    expect(readState(DECLARED, 'another-figure;count=5')).toBeUndefined()
  })

  test('a member goes into a set and out again', () => {
    expect(toggled(CUT, '', 'reply')).toBe('reply')
    expect(toggled(CUT, 'reply', 'request')).toBe('request+reply')
    expect(toggled(CUT, 'request+reply', 'request')).toBe('reply')
  })
})

describe('time', () => {
  test('steps visit every moment once, forwards and back', () => {
    fc.assert(fc.property(runs, (run) => {
      const moments = momentsOf(run)
      const forwards = [0]
      while (forwards.length < moments.length) forwards.push(nextMoment(moments, forwards.at(-1) ?? 0))
      expect(forwards).toEqual(moments)
      expect(nextMoment(moments, run.endsAt)).toBe(run.endsAt)
      const backwards = [run.endsAt]
      while (backwards.length < moments.length) backwards.push(previousMoment(moments, backwards.at(-1) ?? 0))
      expect(backwards.toReversed()).toEqual(moments)
      expect(previousMoment(moments, 0)).toBe(0)
    }))
  })

  test('scrubbing is stepping: between two moments the same has happened as at the first of them', () => {
    fc.assert(fc.property(runs, fc.double({ min: 0, max: 0.999, noNaN: true }), (run, share) => {
      const moments = momentsOf(run)
      const happenings = happeningsOf(run)
      for (const [index, moment] of moments.entries()) {
        const between = moment + ((moments[index + 1] ?? moment) - moment) * share
        expect(saidAt(happenings, between)).toBe(saidAt(happenings, moment))
        for (const event of run.trace) {
          expect(event.at <= between).toBe(event.at <= moment)
          expect(arrivalOf(event) <= between).toBe(arrivalOf(event) <= moment)
        }
      }
    }))
  })

  test('a message goes forwards only, from its start to its end', () => {
    fc.assert(fc.property(runs, fc.array(fc.integer({ min: 0, max: 1_000 })), (run, times) => {
      for (const event of run.trace) {
        const ways = times.sort((a, b) => a - b).map((t) => progressAt(event, t))
        expect(ways.every((way, index) => way >= (ways[index - 1] ?? 0) && way <= 1)).toBe(true)
        expect(progressAt(event, arrivalOf(event))).toBe(1)
      }
    }))
  })

  test('what happened is told in words', () => {
    const trace = traceOf([
      { from: 'client', to: 'server', at: 0, arrivesAt: 20, kind: 'request', summary: 'GET /shows' },
      { from: 'server', to: 'client', at: 30, arrivesAt: 40, kind: 'response', summary: '200 OK', lost: true },
      { from: 'server', to: 'client', at: 60, kind: 'close', summary: 'closes' },
    ])
    const told = happeningsOf({ trace, marks: [{ at: 20, node: 'server', text: 'reads the guide' }] })
    expect(told.map(({ at, text }) => `${String(at)} ${text}`)).toMatchInlineSnapshot(`
      [
        "0 client sends GET /shows to server",
        "20 server receives GET /shows from client",
        "20 server reads the guide",
        "30 server sends 200 OK to client",
        "40 200 OK from server is lost on its way to client",
        "60 server to client: closes",
      ]
    `)
    expect(saidAt(told, 25)).toBe('Server receives GET /shows from client. Server reads the guide.')
    expect(tablesOf({ trace, endsAt: 60 })[0]?.rows[1]).toEqual(['30 ms', 'server', 'client', '200 OK', '✗ lost'])
  })
})

describe('the proof of a model', () => {
  const simulate = ({ cut }: { cut: string }, seed: number): Simulation => ({
    trace: traceOf([{ from: 'a', to: 'b', at: 0, arrivesAt: 10, kind: 'frame', summary: 'hello', lost: cut === 'reply' || stream(seed, 'loss').chance(0.5) }]),
    endsAt: 10,
  })
  const figure: Figure<{ cut: string }> = {
    id: 'proved', title: 'Proved', controls: [CUT], hasChance: true, seed: seedOf(false), simulate,
    goals: [{ id: 'lose', text: 'Lose it.', isReached: ({ trace }) => trace[0]?.lost === true }],
  }

  /** A seed whose run loses the message, or does not. */
  function seedOf(isLost: boolean): number {
    return Array.from({ length: 50 }, (_, seed) => seed).find((seed) => stream(seed, 'loss').chance(0.5) === isLost) ?? -1
  }

  test('finds nothing where nothing is wrong, and counts seeds', () => {
    expect(figureProblems(figure)).toEqual([])
    expect(shareOfSeeds(figure, { cut: 'reply' }, ({ trace }) => trace[0]?.lost === true)).toBe(1)
    expect(shareOfSeeds(figure, {}, ({ trace }) => trace[0]?.lost === true)).toSatisfy((share: number) => share > 0.35 && share < 0.65)
  })

  test('finds what is wrong', () => {
    let calls = 0
    const problems = (changes: Partial<Figure<{ cut: string }>>): string => figureProblems({ ...figure, ...changes }).join('\n')
    expect(problems({ simulate: (parameters, seed) => ({ ...simulate(parameters, seed), endsAt: 5 }) })).toMatch(/after endsAt/)
    expect(problems({ simulate: (parameters, seed) => ({ ...simulate(parameters, seed), marks: [{ at: 0, text: String(calls += 1) }] }) })).toMatch(/two runs with one seed differ/)
    expect(problems({ simulate: (parameters, seed) => ({ ...simulate(parameters, seed), nodes: [{ id: 'a', x: 0, y: 0 }] }) })).toMatch(/"b" sends or receives/)
    expect(problems({ seed: seedOf(true) })).toMatch(/"lose" is reached before anything was done/)
    expect(problems({ goals: [{ id: 'never', text: 'Never.', isReached: () => false }] })).toMatch(/Nothing that was tried reaches the goal "never"/)
    expect(problems({ id: 'Not this' })).toMatch(/Expected the id/)
    const four = ['a', 'b', 'c', 'd'].map((name) => ({ kind: 'toggle' as const, name, label: name, value: false }))
    expect(problems({ controls: four })).toMatch(/More than three controls/)
  })
})
