import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { jsonReport } from '../harness/reporters/json.ts'
import { junitReport } from '../harness/reporters/junit.ts'
import { plainLine, plainText } from '../harness/reporters/plain.ts'
import { palette, terminalReporter, verdictText } from '../harness/reporters/terminal.ts'
import { failureText } from '../harness/reporters/vitest-message.ts'
import type { TerminalOptions } from '../harness/reporters/terminal.ts'
import type { CheckResult, Verdict } from '../harness/types/index.ts'
import {
  crashedCheck,
  failedCheck,
  gateVerdict,
  measuringCheck,
  passedCheck,
  rudeCheck,
  secondFailure,
  skippedCheck,
  verdictOf,
} from './fixtures/verdicts/verdicts.ts'

const plain = { color: false }
const mixed = verdictOf([passedCheck, failedCheck, secondFailure, skippedCheck], {
  remarks: ['It took 3.1 s to end after SIGTERM.'],
})
/** The path of one show, whose id only the judged program knew. */
const pathWithId: CheckResult = {
  ...secondFailure,
  id: 'reads-one',
  curl: 'curl -i http://localhost:3000/shows/11a2',
  trace: [
    { id: 1, from: 'check', to: 'program', at: 0, kind: 'request', summary: 'POST /shows', detail: { head: 'POST /shows HTTP/1.1' } },
    { id: 2, from: 'program', to: 'check', at: 2, kind: 'response', summary: '201 Created', detail: { body: '{"id":"11a2"}' } },
    { id: 3, from: 'check', to: 'program', at: 4, kind: 'request', summary: 'GET /shows/11a2', detail: { head: 'GET /shows/11a2 HTTP/1.1' } },
  ],
}
const many = verdictOf([failedCheck, ...['b', 'c', 'd', 'e'].map((id) => ({ ...secondFailure, id }))])
const everything = [verdictOf([passedCheck]), mixed, gateVerdict(), verdictOf([rudeCheck, crashedCheck])]

describe('the terminal', () => {
  const transcripts: [string, Verdict, TerminalOptions][] = [
    ['terminal-all-passed', verdictOf([passedCheck, { ...passedCheck, id: 'deletes', title: 'DELETE answers 204' }]), {}],
    ['terminal-some-failed', mixed, {}],
    ['terminal-some-failed-all', mixed, { all: true }],
    ['terminal-hints', verdictOf([failedCheck]), { hints: true }],
    ['terminal-path-with-id', verdictOf([pathWithId]), {}],
    ['terminal-many-failed', many, {}],
    ['terminal-measured', verdictOf([passedCheck, measuringCheck]), {}],
    ['terminal-closed-gate', gateVerdict(), {}],
    ['terminal-crashed', verdictOf([passedCheck, crashedCheck]), {}],
    ['terminal-rude-program', verdictOf([rudeCheck]), {}],
  ]
  test.each(transcripts)('%s', async (name, verdict, options) => {
    await expect(verdictText(verdict, { ...plain, ...options })).toMatchFileSnapshot(`golden/${name}.txt`)
  })

  test.each([
    ['an id of an answer', pathWithId, true],
    ['a path of several words', { ...pathWithId, curl: 'curl -i http://localhost:3000/echo/shouting' }, false],
    ['a word of the check that an answer gives back', { ...pathWithId, trace: pathWithId.trace.toReversed() }, false],
  ])('warns of what only the judged program knew: %s', (_name, check, warns) => {
    expect(verdictText(verdictOf([check]), plain).includes('ids of this run are gone')).toBe(warns)
  })

  test('a run told as it goes on reads like the verdict told at its end', () => {
    let told = ''
    const onEvent = terminalReporter((text) => (told += text), mixed.target, plain)
    onEvent({ type: 'begin', lab: mixed.lab, checks: mixed.checks })
    for (const result of mixed.checks) onEvent({ type: 'check', result })
    onEvent({ type: 'end', verdict: mixed })
    expect(told.replaceAll('\n\n', '\n')).toBe(verdictText(mixed, plain).replaceAll('\n\n', '\n'))
  })

  test('colours change no character', () => {
    for (const verdict of everything) {
      const uncoloured = verdictText(verdict, { color: true }).replace(/\u001b\[\d+m/g, '')
      expect(uncoloured).toBe(verdictText(verdict, plain))
    }
  })

  test('no colours without a terminal', () => {
    expect(palette({}).red('x')).toBe(process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined ? palette({ color: true }).red('x') : 'x')
  })
})

describe('a program’s own text', () => {
  test('reaches no reader as a control character', () => {
    const verdict = verdictOf([rudeCheck])
    for (const text of [verdictText(verdict, plain), junitReport([verdict]), failureText(rudeCheck)]) {
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/)
      expect(text).toContain('\\x1b')
    }
  })

  test('keeps letters of all scripts, emoji and line ends', () => {
    expect(plainText('Ñandú, 港 👩‍🚀\r\n\tnext')).toBe('Ñandú, 港 👩‍🚀\n\tnext')
    expect(plainLine('👩‍🚀'.repeat(100), 10).endsWith('…')).toBe(true)
    expect(plainLine('a\nb')).toBe('a\\nb')
  })
})

describe('JSON', () => {
  test('is one line with the documented fields', () => {
    const text = jsonReport(mixed)
    expect(text).not.toContain('\n')
    const report = JSON.parse(text) as Record<string, unknown> & { checks: Record<string, unknown>[] }
    expect(Object.keys(report)).toEqual(['lab', 'target', 'passed', 'problem', 'checks', 'ms', 'seed', 'remarks'])
    expect(Object.keys(report.checks[0] ?? {})).toEqual(['id', 'title', 'state', 'ms', 'steps', 'trace'])
    expect(report.checks[1]).toEqual(JSON.parse(JSON.stringify(failedCheck)))
    expect(report.problem).toBeNull()
  })

  test('has what a check measured, where one did', () => {
    const report = JSON.parse(jsonReport(verdictOf([passedCheck, measuringCheck]))) as { checks: Record<string, unknown>[] }
    expect(report.checks.map(({ measures }) => measures)).toEqual([undefined, measuringCheck.measures])
  })

  test('holds nothing that a verdict may carry beside its fields', () => {
    const crowded = { ...mixed, secret: 1, checks: [{ ...passedCheck, secret: 1 } as CheckResult] }
    expect(jsonReport(crowded)).not.toContain('secret')
  })

  test('tells the problem of a closed gate', () => {
    expect(JSON.parse(jsonReport(gateVerdict()))).toMatchObject({
      passed: false,
      problem: { code: 'syntax-error', file: 'labs/01-request-response/mine.ts', line: 3 },
    })
  })
})

describe('JUnit', () => {
  test('junit-everything', async () => {
    await expect(junitReport(everything)).toMatchFileSnapshot('golden/junit-everything.xml')
  })

  const python = spawnSync('python3', ['--version']).status === 0
  test.skipIf(!python)('is read by an XML parser (needs python3), with the counts that it claims', () => {
    const program = `
import sys, xml.etree.ElementTree as tree
for suite in tree.fromstring(sys.stdin.buffer.read()):
    cases = suite.findall('testcase')
    print([int(suite.get(name)) for name in ('tests', 'failures', 'errors', 'skipped')],
          [len(cases)] + [sum(case.find(name) is not None for case in cases) for name in ('failure', 'error', 'skipped')])
`
    const { stdout, stderr } = spawnSync('python3', ['-c', program], { input: junitReport(everything), encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout.trim().split('\n')).toEqual([
      '[1, 0, 0, 0] [1, 0, 0, 0]',
      '[4, 2, 0, 1] [4, 2, 0, 1]',
      '[3, 0, 1, 2] [3, 0, 1, 2]',
      '[2, 2, 0, 0] [2, 2, 0, 0]',
    ])
  })
})

describe('the text of a vitest failure', () => {
  test.each([
    ['vitest-failed', failedCheck],
    ['vitest-crashed', crashedCheck],
  ])('%s', async (name, result) => {
    await expect(failureText(result)).toMatchFileSnapshot(`golden/${name}.txt`)
  })
})
