/** Right programs that are made differently: the checks must look at the wire alone. */
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { findLabs, type LabPaths } from '../harness/labs.ts'
import type { Target } from '../harness/types/index.ts'
import { useCompiled } from './support/compiled.ts'
import { describeFailures, useJudging } from './support/judging.ts'
import { otherStyles } from './support/other-styles.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
const { judgeTarget } = useJudging({ compiles: false })
const compiled = useCompiled(otherStyles().filter(({ isPython }) => !isPython).map(({ file }) => file))

// A suite without a test is an error to vitest, and a lab need not have such a program.
const labs = findLabs().filter(({ slug }) => otherStyles(slug).length > 0)
const isPlain = ({ slug }: LabPaths): boolean => /^0[01]-/.test(slug)

// Programs of labs in which nothing waits for a clock are judged side by side.
describe.concurrent.each(labs.filter(isPlain))('$slug accepts', acceptsAll)
describe.each(labs.filter((lab) => !isPlain(lab)))('$slug accepts', acceptsAll)

function acceptsAll(lab: LabPaths): void {
  const programs = otherStyles(lab.slug)

  test.each(programs.filter(({ isPython }) => !isPython))('$name', async ({ file }) => {
    await expectRight(lab.slug, { kind: 'file', file: compiled(file) })
  })

  const inPython = programs.filter(({ isPython }) => isPython)
  test.skipIf(!hasPython).each(inPython)(`$name${hasPython ? '' : ' (skipped: there is no python3)'}`, async ({ file }) => {
    await expectRight(lab.slug, { kind: 'command', command: ['python3', file] })
  })
}

async function expectRight(slug: string, target: Target): Promise<void> {
  const verdict = await judgeTarget(slug, target)
  expect(describeFailures(verdict)).toBe('')
  expect(verdict.passed).toBe(true)
}
