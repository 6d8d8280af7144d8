/** What checks measure: from a check's function to the page's rows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, describe, expect, test } from 'vitest'
import { measureText, measuresIn, namesIn, shareOf, valueText, yourRows } from '../../docs/.vitepress/theme/lab/measures.ts'
import { judge } from '../harness/judge/judge.ts'
import type { CheckDefinition, LabDefinition, Measure, Verdict, Version } from '../harness/types/index.ts'
import { useJudging } from './support/judging.ts'

const HINTS = ['What.', 'Where.', 'How.'] as const
const { launcher, peers } = useJudging()
const folder = mkdtempSync(join(tmpdir(), 'measures-'))
const file = join(folder, 'server.mjs')
writeFileSync(file, "import { createServer } from 'node:http'\ncreateServer((q, r) => r.end('on air')).listen(Number(process.env.PORT), '127.0.0.1')\n")

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function verdictOn(...runs: CheckDefinition['run'][]): Promise<Verdict> {
  const checks = runs.map((run, index) => ({ id: `check-${String(index)}`, title: 't', hints: HINTS, run }))
  const lab: LabDefinition = { slug: '00-warm-up', title: 'On air', program: 'server', checks }
  return judge({ lab, target: { kind: 'file', file }, launcher, peers, cold: true })
}

describe('a check', () => {
  test('tells what it measured, whether it passes or fails; the same name again replaces it', async () => {
    const { checks } = await verdictOn(
      async ({ client, measure }) => {
        await client.get('/')
        measure('answers', 1)
        measure('answers', 2)
        measure('slowest', 12.5, 'ms')
      },
      async ({ client, measure, fail }) => {
        await client.get('/')
        measure('lost updates', 15)
        fail('It lost some.')
      },
      async ({ client }) => { await client.get('/') },
    )
    expect(checks.map(({ state, measures }) => ({ state, measures }))).toEqual([
      { state: 'passed', measures: [{ name: 'answers', value: 2 }, { name: 'slowest', value: 12.5, unit: 'ms' }] },
      { state: 'failed', measures: [{ name: 'lost updates', value: 15 }] },
      { state: 'passed', measures: undefined },
    ])
  })

  test('measures numbers alone', async () => {
    const { checks } = await verdictOn(async ({ client, measure }) => {
      await client.get('/')
      measure('share', 0 / 0)
    })
    expect(checks[0]?.message).toContain('Expected the measure "share" to be a finite number, got NaN')
  })

  test('tells many requests in one step, and all steps of those that fail', async () => {
    const { checks } = await verdictOn(
      ({ client, inOneStep }) => inOneStep('5 clients ask at once', async () => { await Promise.all([1, 2, 3, 4, 5].map(() => client.get('/'))) }),
      ({ client, inOneStep }) => inOneStep('all are refused', async () => { (await client.get('/')).hasStatus(404) }),
    )
    expect(checks.map(({ steps }) => steps.map(({ text }) => text))).toEqual([['5 clients ask at once'], ['GET /', 'the status is 404']])
    expect(checks[0]?.trace.length).toBe(10)
  })
})

describe('the rows of a page', () => {
  const lost = (value: number): Measure[] => [{ name: 'updates', value: 20 }, { name: 'lost', value, unit: 'updates' }]
  const version = (number: number, measures?: Record<string, readonly Measure[]>): Version => ({
    number, savedAt: '2026-01-01T00:00:00.000Z', passed: 1, total: 2, reason: 'save', ...(measures && { measures }),
  })

  test('are the versions on which the check measured, oldest first', () => {
    const rows = yourRows([version(1), version(2, { a: lost(15) }), version(3, { b: lost(1) }), version(4, { a: lost(0) })], 'a')
    expect(rows.map(({ label }) => label)).toEqual(['your version 2', 'your version 4'])
    expect(rows.map((row) => valueText(row, 'lost'))).toEqual(['15 updates', '0 updates'])
    expect(rows.map((row) => shareOf(row, rows, 'lost'))).toEqual([1, 0])
    expect(namesIn(rows)).toEqual(['updates', 'lost'])
  })

  test('of many keep the first, to compare with, and the newest', () => {
    const many = Array.from({ length: 30 }, (_, index) => version(index + 1, { a: lost(index) }))
    expect(yourRows(many, 'a').map(({ label }) => Number(label.split(' ').at(-1)))).toEqual([1, 24, 25, 26, 27, 28, 29, 30])
  })

  test('survive a record that somebody has edited', () => {
    const odd = [null, 7, { name: 3, value: 1 }, { name: 'a', value: Number.NaN }, { name: 'b', value: 1, unit: {} }, { name: 'c', value: 1.005 }]
    expect(measuresIn(odd).map(measureText)).toEqual(['c: 1'])
    expect(measuresIn('15')).toEqual([])
    expect(yourRows([version(1, { a: 'x' as unknown as Measure[] })], 'a')).toEqual([])
    const row = { label: 'x', isYours: true, measures: [] }
    expect([valueText(row, 'lost'), shareOf(row, [row], 'lost')]).toEqual(['–', 0])
  })
})
