import { describe, expect, test } from 'vitest'
import { STUMBLED } from '../../harness/judge/run-check.ts'
import { findLabs, wrongPrograms } from '../../harness/labs.ts'
import type { CheckResult, Verdict } from '../../harness/types/index.ts'
import { useCompiled } from './compiled.ts'
import { describeFailures, useJudging } from './judging.ts'
import { rejectedBy } from './programs.ts'
import { chosenPrograms, isJudgedByAll } from './proof.ts'

/**
 * Proves that wrong programs are refused by the checks they name and by no other.
 * @param part which share of each lab's programs, from 0 on; the shares run side by side as files of their own
 */
export function proveWrongPrograms(part: number, parts: number): void {
  // A browser takes more time than all other checks of a program together, and no wrong program needs it.
  process.env['CHROMIUM_PATH'] = '/no/browser'
  // So does an engine, and what it refuses another check refuses too.
  process.env['WORKBOOK_ENGINE'] = 'none'
  const { judgeFile } = useJudging({ compiles: false })
  const labs = findLabs().map((lab) => {
    return { ...lab, programs: chosenPrograms(lab.slug, wrongPrograms(lab)).filter((_program, index) => index % parts === part) }
  })
  // The first labs compute and the last ones wait; half of the shares begin at the end, so that both are done at once.
  if (part % 2 === 1) labs.reverse()
  const compiled = useCompiled(labs.flatMap(({ programs }) => programs.map(({ file }) => file)))
  // A suite without a test is an error to vitest, and a lab may have fewer programs than there are parts.
  describe.each(labs.filter(({ programs }) => programs.length > 0))('$slug refuses', (lab) => {
    const byAll = isJudgedByAll(lab.slug)
    test.each(lab.programs)(byAll ? '$name, by the checks it names and no other' : '$name, by the checks it names', async ({ file }) => {
      const named = rejectedBy(file)
      expectRefused(await judgeFile(lab.slug, compiled(file), byAll ? {} : { checks: named }), named)
    })
  })
}

function expectRefused(verdict: Verdict, named: readonly string[]): void {
  const failed = verdict.checks.filter((check) => check.state === 'failed')
  const skipped = new Set(verdict.checks.filter(isSkippedByName).map((check) => check.id))
  const expected = named.filter((id) => !skipped.has(id))
  expect(verdict.problem).toBeNull()
  expect(expected, 'a check that runs refuses it').not.toEqual([])
  expect(failed.map((check) => check.id).sort(), describeFailures(verdict)).toEqual(expected.sort())
  for (const check of failed) {
    expect(check.message, `${check.id} says what happened`).toBeTruthy()
    expect(check.message, `${check.id} understands the answer`).not.toContain(STUMBLED)
    expect(check.hint, `${check.id} gives a hint`).toBeTruthy()
  }
}

/** Skipped because the machine lacks something, and not because an earlier check failed. */
function isSkippedByName(check: CheckResult): boolean {
  return check.state === 'skipped' && check.message?.startsWith('Not reached') !== true
}
