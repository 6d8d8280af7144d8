import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combinationsOf, figureProblems, shareOfSeeds } from '../../docs/.vitepress/theme/figure/prove.ts'
import type { Figure, FigureParameters, Simulation } from '../../docs/.vitepress/theme/figure/types.ts'
import { figure as layers, type Parameters as LayerParameters } from '../../docs/03-container/layers.ts'
import { figure as walls, type Parameters as WallParameters } from '../../docs/03-container/model.ts'
import { figure as stopping, type Parameters as StopParameters } from '../../docs/03-container/stopping.ts'

const anyWalls = fc.constantFrom(...combinationsOf(walls))
const anyStop = fc.constantFrom(...combinationsOf(stopping))
const anyBuild = fc.constantFrom(...combinationsOf(layers))

/** The first of a figure's combinations is how it rests. */
function atRest<P extends FigureParameters, S extends Simulation>(figure: Figure<P, S>): S {
  return figure.simulate(combinationsOf(figure)[0] as P, 1)
}

describe('the walls of chapter 03', () => {
  test('is a sound model', () => {
    expect(figureProblems(walls)).toEqual([])
  })

  // The prediction `03-log`.
  test('what was written in a container is gone with it', () => {
    expect(shareOfSeeds(walls, {}, ({ lines }) => lines === 0)).toBe(1)
    expect(shareOfSeeds(walls, { replaced: false }, ({ lines }) => lines === 3)).toBe(1)
    expect(shareOfSeeds(walls, { log: 'volume' }, ({ lines }) => lines === 3)).toBe(1)
  })

  test('rests on two lists of processes, with the one server in both', () => {
    const { host, inside } = atRest(walls).processes
    expect(inside).toEqual(['1 node server.ts'])
    expect(host.filter((line) => line.endsWith(' node server.ts'))).toHaveLength(1)
  })

  test('each wall hides one thing, and none of them hides the kernel', () => {
    fc.assert(fc.property(anyWalls, (parameters: WallParameters) => {
      const { processes, reachesTheTide, sights } = walls.simulate(parameters, 1)
      expect(processes.inside.length === 1).toBe(parameters.walls.includes('processes'))
      expect(reachesTheTide).toBe(!parameters.walls.includes('network'))
      expect(sights.find(({ label }) => label === 'Kernel')?.inside.text).toBe('the same one')
    }))
  })

  test('the log is lost only in a container that was replaced, with files and a layer of its own', () => {
    fc.assert(fc.property(anyWalls, (parameters: WallParameters) => {
      const isLost = parameters.replaced && parameters.log === 'layer' && parameters.walls.includes('files')
      expect(walls.simulate(parameters, 1).lines === 0).toBe(isLost)
    }))
  })
})

describe('how a server of chapter 03 stops', () => {
  test('is a sound model', () => {
    expect(figureProblems(stopping)).toEqual([])
  })

  // The prediction `03-sigterm`.
  test('as process 1, a program without a handler ignores SIGTERM and is killed after 10 s', () => {
    expect(shareOfSeeds(stopping, {}, ({ end }) => end.code === 137 && end.afterMs === 10_000)).toBe(1)
    expect(shareOfSeeds(stopping, { first: false }, ({ end }) => end.code === 143 && end.afterMs === 0)).toBe(1)
  })

  test('who was answered in time lost nothing, and who was not is told so', () => {
    fc.assert(fc.property(anyStop, (parameters: StopParameters) => {
      const { trace, marks = [], lost } = stopping.simulate(parameters, 1)
      const asked = trace.filter(({ from, kind }) => from !== 'engine' && kind === 'request').length
      expect(asked - trace.filter(({ kind }) => kind === 'response').length).toBe(lost)
      expect(marks.some(({ text }) => text === 'is cut off')).toBe(lost > 0)
    }))
  })

  test('nothing is sent by a server that has ended, but its machine’s refusals', () => {
    fc.assert(fc.property(anyStop, (parameters: StopParameters) => {
      const { trace, end } = stopping.simulate(parameters, 1)
      const late = trace.filter(({ from, at }) => from === 'server' && at > 500 + end.afterMs)
      expect(late.every(({ summary }) => summary === 'refused')).toBe(true)
    }))
  })

  test('a handler that drains ends with 0 and loses nothing, whoever keeps a connection', () => {
    for (const kept of [true, false]) {
      for (const first of [true, false]) {
        expect(stopping.simulate({ program: 'drain', first, kept }, 1)).toMatchObject({ lost: 0, end: { code: 0, afterMs: 1_000 } })
      }
    }
    expect(stopping.simulate({ program: 'close', first: true, kept: true }, 1).end.code).toBe(137)
  })
})

describe('the layers of chapter 03', () => {
  test('is a sound model', () => {
    expect(figureProblems(layers)).toEqual([])
  })

  test('rests on both mistakes: npm runs for a line of the program, and the removed password is still there', () => {
    const { npmRuns, layers: all } = atRest(layers)
    expect(npmRuns).toBe(true)
    expect(all.at(-1)?.instruction).toBe('RUN rm .env')
    expect(all.filter(({ hasSecret }) => hasSecret)).toHaveLength(1)
  })

  // The prediction `03-secret`.
  test('a password that was copied stays in its layer, whatever a later line removes; one that was kept out is in none', () => {
    const holding = (run: { layers: readonly { hasSecret: boolean }[] }): number => run.layers.filter(({ hasSecret }) => hasSecret).length
    expect(shareOfSeeds(layers, {}, (run) => holding(run) === 1)).toBe(1)
    expect(shareOfSeeds(layers, { secret: 'ignored' }, (run) => holding(run) === 0)).toBe(1)
  })

  test('above a layer that is made anew every layer is, and below it none', () => {
    fc.assert(fc.property(anyBuild, (parameters: LayerParameters) => {
      const anew = layers.simulate(parameters, 1).layers.map(({ isMadeAnew }) => isMadeAnew)
      expect(anew).toEqual([...anew].sort((left, right) => Number(left) - Number(right)))
    }))
  })

  test('npm runs for a new dependency in any order, for a line of the program only where everything is copied first', () => {
    fc.assert(fc.property(anyBuild, (parameters: LayerParameters) => {
      const must = parameters.changed === 'dependency' || (parameters.changed === 'program' && parameters.order === 'all')
      expect(layers.simulate(parameters, 1).npmRuns).toBe(must)
    }))
  })
})
