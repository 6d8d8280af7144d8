/** Right programs that are made differently: the checks must look at the wire alone. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findLabs, type LabPaths } from '../harness/labs.ts'
import type { Target } from '../harness/types/index.ts'
import { useCompiled } from './support/compiled.ts'
import { describeFailures, useJudging } from './support/judging.ts'

const folder = fileURLToPath(new URL('fixtures/other-style/', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0
const { judgeTarget } = useJudging({ compiles: false })

/** A lab of several files has folders. */
const fileOf = (name: string): string => name.endsWith('.ts') ? join(folder, name) : join(folder, name, 'server.ts')
const compiled = useCompiled(readdirSync(folder).filter((name) => !name.endsWith('.py')).map(fileOf))

const programsOf = (slug: string): string[] => readdirSync(folder).filter((name) => name.startsWith(slug))

// A suite without a test is an error to vitest, and a lab need not have such a program.
const labs = findLabs().filter(({ slug }) => programsOf(slug).length > 0)
const isPlain = ({ slug }: LabPaths): boolean => /^0[01]-/.test(slug)

// Programs of labs in which nothing waits for a clock are judged side by side.
describe.concurrent.each(labs.filter(isPlain))('$slug accepts', acceptsAll)
describe.each(labs.filter((lab) => !isPlain(lab)))('$slug accepts', acceptsAll)

function acceptsAll(lab: LabPaths): void {
  const programs = programsOf(lab.slug)

  test.each(programs.filter((name) => !name.endsWith('.py')))('%s', async (name) => {
    await expectRight(lab.slug, { kind: 'file', file: compiled(fileOf(name)) })
  })

  const inPython = programs.filter((name) => name.endsWith('.py'))
  test.skipIf(!hasPython).each(inPython)(`%s${hasPython ? '' : ' (skipped: there is no python3)'}`, async (name) => {
    await expectRight(lab.slug, { kind: 'command', command: ['python3', `${folder}${name}`] })
  })
}

async function expectRight(slug: string, target: Target): Promise<void> {
  const verdict = await judgeTarget(slug, target)
  expect(describeFailures(verdict)).toBe('')
  expect(verdict.passed).toBe(true)
}
