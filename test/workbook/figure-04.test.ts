import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figure, tracksAt, type Run } from '../../docs/04-shared-state/model.ts'
import { figure as retry } from '../../docs/04-shared-state/retry-model.ts'
import { figureProblems, shareOfSeeds } from '../../docs/.vitepress/theme/figure/prove.ts'

const begins = fc.integer({ min: -10, max: 20 }).map((steps) => steps * 20)
const final = (run: Run): readonly string[] => tracksAt(run, run.endsAt)
const acknowledged = (run: Run): number => run.heard.filter(({ answer }) => answer.startsWith('200 OK')).length

describe('two editors', () => {
  test('the model keeps its promises', () => {
    expect(figureProblems(figure)).toEqual([])
  })

  test('at rest both are told that it went well, and one track is gone', () => {
    expect(shareOfSeeds(figure, {}, (run) => acknowledged(run) === 2 && final(run).join() === 'Tide,Fog' && run.lost.join() === 'Ines')).toBe(1)
  })

  test('in one turn nothing is ever lost, whenever Ben begins', () => {
    fc.assert(fc.property(begins, (ms) => {
      const run = figure.simulate({ begins: ms, server: 'turn' }, 1)
      expect(run.lost).toEqual([])
      expect([...final(run)].sort()).toEqual(['Fog', 'Gulls', 'Tide'])
      expect(acknowledged(run)).toBe(2)
    }))
  })

  test('to compare, and then to write, loses a track exactly when the second compares while the first writes', () => {
    fc.assert(fc.property(begins, (ms) => {
      fc.pre(Math.abs(ms) !== 120)
      expect(figure.simulate({ begins: ms, server: 'compares' }, 1).lost.length).toBe(Math.abs(ms) < 120 ? 1 : 0)
    }))
  })

  test('whoever writes last without a condition takes the other’s track away, unless they had read it', () => {
    fc.assert(fc.property(begins, (ms) => {
      const { lost } = figure.simulate({ begins: ms, server: 'writes' }, 1)
      if (Math.abs(ms) < 340) expect(lost).toEqual([ms >= 0 ? 'Ines' : 'Ben'])
      if (Math.abs(ms) > 340) expect(lost).toEqual([])
    }))
  })
})

describe('one song', () => {
  const count = (parameters: { cut: string; retry: number; server: string }): number => retry.simulate(parameters, 1).added.length
  const cuts = fc.constantFrom('', 'request-1', 'reply-1', 'request-1+reply-1')
  const retries = fc.integer({ min: 1, max: 20 }).map((steps) => steps * 20)

  test('the model keeps its promises', () => {
    expect(figureProblems(retry)).toEqual([])
  })

  test('at rest the song is there twice', () => {
    expect(shareOfSeeds(retry, {}, (run) => run.added.length === 2)).toBe(1)
  })

  test('in one turn it is there once, whatever is lost and however early the client asks again', () => {
    fc.assert(fc.property(cuts, retries, (cut, ms) => {
      expect(count({ cut, retry: ms, server: 'turn' })).toBe(1)
    }))
  })

  test('a key that is noted after the work helps only those who wait', () => {
    expect(count({ cut: 'reply-1', retry: 300, server: 'after' })).toBe(1)
    expect(count({ cut: 'reply-1', retry: 40, server: 'after' })).toBe(2)
    expect(count({ cut: '', retry: 40, server: 'after' })).toBe(2)
  })

  test('a lost request needs no key', () => {
    fc.assert(fc.property(retries, fc.constantFrom('none', 'after', 'turn'), (ms, server) => {
      expect(count({ cut: 'request-1', retry: ms, server })).toBe(1)
    }))
  })
})

test('the figures that the chapter tells are those that were measured', () => {
  const file = fileURLToPath(new URL('../../docs/04-shared-state/recorded-run.json', import.meta.url))
  const { checks } = JSON.parse(readFileSync(file, 'utf8')) as { checks: { id: string; measures?: Record<string, { name: string; value: number }[]> }[] }
  const measures = checks.find(({ id }) => id === 'no-lost-update')?.measures
  const value = (whose: string, name: string): number | undefined => measures?.[whose]?.find((measure) => measure.name === name)?.value
  expect([value('starter', 'acknowledged updates'), value('starter', 'lost updates')]).toEqual([20, 15])
  expect([value('solution', 'acknowledged updates'), value('solution', 'lost updates'), value('solution', 'refused updates')]).toEqual([20, 0, 30])
})
