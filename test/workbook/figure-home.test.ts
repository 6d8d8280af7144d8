import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combinationsOf, figureProblems } from '../../docs/.vitepress/theme/figure/prove.ts'
import { durationText, sizeText } from '../../docs/.vitepress/theme/figure/amounts.ts'
import { fromPeers, fromServer, stopSeconds, type Stop, type Swarm } from '../../docs/.vitepress/theme/home/fluid.ts'
import { figure, type Run } from '../../docs/.vitepress/theme/home/model.ts'
import { hasAt, sentAt, type Side } from '../../docs/.vitepress/theme/home/sides.ts'

/** The downlink is no bottleneck, as in the figure. */
const swarms: fc.Arbitrary<Swarm> = fc.record({
  listeners: fc.integer({ min: 1, max: 2_000 }),
  sizeMB: fc.integer({ min: 1, max: 5_000 }),
  serverMbps: fc.integer({ min: 1, max: 100 }),
  downMbps: fc.integer({ min: 100, max: 1_000 }),
  upMbps: fc.integer({ min: 0, max: 50 }),
})
const stops = fc.constantFrom<Stop>('nobody', 'server', 'listener')
const sides = ({ clientServer, peerToPeer }: Run): Side[] => [clientServer, peerToPeer]

describe('the fluid model', () => {
  // Kurose & Ross: F = 20 Gbit, u_s = 30 Mbit/s, d = 2 Mbit/s, N = 1000.
  test.each([[0.3, 60_606], [0.7, 27_397], [2, 10_000]])('gives the numbers of its source for %d Mbit/s upwards', (upMbps, seconds) => {
    const swarm = { listeners: 1_000, sizeMB: 2_500, serverMbps: 30, downMbps: 2, upMbps }
    expect(fromServer(swarm, 'nobody').seconds).toBeCloseTo(666_667, 0)
    expect(fromPeers(swarm, 'nobody').seconds).toBeCloseTo(seconds, 0)
  })

  test('peers never make it slower, and spare the server', () => {
    fc.assert(fc.property(swarms, (swarm) => {
      const [server, peers] = [fromServer(swarm, 'nobody'), fromPeers(swarm, 'nobody')]
      expect(peers.seconds).toBeLessThanOrEqual(server.seconds * (1 + 1e-9))
      expect(peers.serverMB).toBeLessThanOrEqual(server.serverMB * (1 + 1e-9))
      expect(peers.serverMB).toBeGreaterThanOrEqual(swarm.sizeMB)
    }))
  })

  test('nobody sends more than its line carries', () => {
    fc.assert(fc.property(swarms, stops, (swarm, stop) => {
      for (const { seconds, serverMB } of [fromServer(swarm, stop), fromPeers(swarm, stop)]) {
        if (Number.isFinite(seconds)) expect(serverMB * 8).toBeLessThanOrEqual(swarm.serverMbps * seconds * (1 + 1e-9))
      }
      const { seconds, serverMB } = fromPeers(swarm, 'nobody')
      const passedOn = swarm.listeners * swarm.sizeMB - serverMB
      expect(passedOn * 8).toBeLessThanOrEqual(swarm.listeners * swarm.upMbps * seconds * (1 + 1e-9))
    }))
  })

  test('without the server the listeners finish if they pass anything on; in client-server they never do', () => {
    fc.assert(fc.property(swarms, (swarm) => {
      const alone = swarm.listeners === 1
      expect(Number.isFinite(fromServer(swarm, 'server').seconds)).toBe(alone)
      expect(Number.isFinite(fromPeers(swarm, 'server').seconds)).toBe(alone || swarm.upMbps > 0)
      expect(fromPeers(swarm, 'server').seconds).toBeGreaterThanOrEqual(fromPeers(swarm, 'nobody').seconds * (1 - 1e-9))
    }))
  })

  test('the server has sent each bit once when it stops', () => {
    fc.assert(fc.property(swarms, (swarm) => { expect(stopSeconds(swarm)).toBeCloseTo((swarm.sizeMB * 8) / swarm.serverMbps, 6) }))
  })
})

describe('the figure of the home page', () => {
  test('keeps its promises', () => {
    expect(figureProblems(figure)).toEqual([])
    for (const parameters of combinationsOf(figure)) {
      const run = figure.simulate(parameters, 1)
      for (const side of sides(run)) {
        const times = [...side.trace.flatMap(({ at, detail }) => [at, detail.endedAt ?? at]), ...(side.nodeChanges ?? []).map(({ at }) => at)]
        expect(times.filter((at) => !Number.isFinite(at) || at < 0 || at > run.endsAt + 1e-6), JSON.stringify(parameters)).toEqual([])
      }
    }
  })

  test('what is had and sent only grows, up to what the model says', () => {
    for (const parameters of combinationsOf(figure)) {
      const run = figure.simulate(parameters, 1)
      for (const side of sides(run)) {
        const { distribution } = side
        const doneAt = Math.min(run.endsAt, distribution.seconds * 1_000)
        const told = { swarm: run.swarm, stopsAt: stopSeconds(run.swarm) * 1_000, doneAt, distribution }
        const moments = Array.from({ length: 50 }, (_, index) => (run.endsAt * index) / 49)
        for (const values of [moments.map((t) => hasAt(told, t)), moments.map((t) => sentAt(side, run.swarm, t))]) {
          expect(values[0]).toBe(0)
          expect(values.every((value, index) => value >= (values[index - 1] ?? 0) - 1e-9), JSON.stringify([parameters, values])).toBe(true)
        }
        expect(sentAt(side, run.swarm, run.endsAt)).toBeCloseTo(side.distribution.serverMB, 6)
        if (Number.isFinite(side.distribution.seconds)) expect(hasAt(told, run.endsAt)).toBeCloseTo(60, 6)
      }
    }
  })

  test('at rest it shows the difference', () => {
    const { clientServer, peerToPeer } = figure.simulate({ listeners: '8', up: '4', stops: 'nobody' }, 1)
    expect([clientServer, peerToPeer].map(({ distribution: { seconds, serverMB } }) => [durationText(seconds), sizeText(serverMB)])).toEqual([
      ['8 min', '480 MB'],
      ['1 min 36 s', '96 MB'],
    ])
  })

  test('amounts in words', () => {
    expect([0, 45, 60, 96, 3_600, 60_000, Number.POSITIVE_INFINITY].map(durationText)).toEqual(['0 s', '45 s', '1 min', '1 min 36 s', '1 h', '16 h 40 min', 'never'])
    expect([60, 96.4, 999, 1_000, 60_000].map(sizeText)).toEqual(['60 MB', '96 MB', '999 MB', '1 GB', '60 GB'])
  })
})
