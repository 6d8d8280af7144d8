import { describe, expect, test } from 'vitest'
import ts from 'typescript'
import { findLabs, relativePath, ROOT } from '../harness/labs.ts'
import { describeFailures, useJudging } from './support/judging.ts'

const labs = findLabs()
const { judgeFile } = useJudging()

// The wrong programs are type-checked too, by `npm run typecheck`, which takes longer.
test('every starter and solution type-checks', () => {
  const { config } = ts.readConfigFile(`${ROOT}/tsconfig.json`, (path) => ts.sys.readFile(path)) as { config: object }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  const files = labs.flatMap((lab) => [lab.starter, lab.solution])
  const problems = ts.getPreEmitDiagnostics(ts.createProgram(files, options))
  const told = problems.map(({ file, messageText }) => {
    const place = file === undefined ? '' : relativePath(file.fileName)
    return `${place}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  expect(told).toEqual([])
})

describe.each(labs)('$slug', (lab) => {
  test('its starter runs, and fails some checks without hanging', { timeout: 150_000 }, async () => {
    const verdict = await judgeFile(lab.slug, lab.starter)
    expect(verdict.problem).toBeNull()
    expect(verdict.passed).toBe(false)
    const late = verdict.checks.filter((check) => /^Not (reached|tried): /.test(check.message ?? ''))
    expect(late, describeFailures(verdict)).toEqual([])
  })
})
