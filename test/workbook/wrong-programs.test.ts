import { describe, expect, test } from 'vitest'
import { STUMBLED } from '../harness/judge/run-check.ts'
import { findLabs, wrongPrograms } from '../harness/labs.ts'
import { describeFailures, useJudging } from './support/judging.ts'
import { rejectedBy } from './support/programs.ts'

const { judgeFile } = useJudging()

describe.each(findLabs())('$slug refuses', (lab) => {
  test.each(wrongPrograms(lab))('$name, by the checks it names and no other', async ({ file }) => {
    const verdict = await judgeFile(lab.slug, file)
    const failed = verdict.checks.filter((check) => check.state === 'failed')
    expect(verdict.problem).toBeNull()
    expect(failed.map((check) => check.id).sort(), describeFailures(verdict)).toEqual(rejectedBy(file).sort())
    for (const check of failed) {
      expect(check.message, `${check.id} says what happened`).toBeTruthy()
      expect(check.message, `${check.id} understands the answer`).not.toContain(STUMBLED)
      expect(check.hint, `${check.id} gives a hint`).toBeTruthy()
    }
  })
})
