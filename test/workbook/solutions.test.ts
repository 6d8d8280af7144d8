import { describe, expect, test } from 'vitest'
import { findLabs, ROOT } from '../harness/labs.ts'
import { loadLab } from '../harness/judge/load.ts'
import { preloadOf } from '../harness/judge/session.ts'
import { describeFailures, useJudging } from './support/judging.ts'

const { judgeFile, launcher } = useJudging()

describe.each(findLabs())('$slug', (lab) => {
  test('its solution passes every check on a cold start', async () => {
    const verdict = await judgeFile(lab.slug, lab.solution, { cold: true })
    expect(describeFailures(verdict)).toBe('')
    expect(verdict.passed).toBe(true)
    // Where an image ran is said of a right program too.
    expect(verdict.remarks.filter((remark) => !remark.startsWith('The image ran in the tier'))).toEqual([])
  })

  test('its solution passes every check on a warm start', async () => {
    const definition = await loadLab(lab.slug)
    const target = { kind: 'file', file: lab.solution } as const
    launcher.prepare({ target, cwd: ROOT, env: {}, preload: preloadOf(definition) }, 1 + (definition.copies ?? 0))
    const verdict = await judgeFile(lab.slug, lab.solution, { cold: false })
    launcher.prepare({ target, cwd: ROOT, env: {}, preload: preloadOf(definition) }, 0)
    expect(describeFailures(verdict)).toBe('')
    expect(verdict.passed).toBe(true)
  })
})
