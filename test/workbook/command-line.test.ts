import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseCheckArguments, UsageError } from '../harness/cli/arguments.ts'
import { checkHelp } from '../harness/cli/options.ts'
import type { JsonReport } from '../harness/reporters/json.ts'
import { run, runCli } from './support/cli.ts'

const solution = 'labs/00-warm-up/solution.ts'
const wrong = 'labs/00-warm-up/wrong/html-content-type.ts'
const golden = (name: string): string => new URL(`golden/${name}.txt`, import.meta.url).pathname

describe('npm run check', () => {
  test('exits with 0 when every check passed', async () => {
    const { code, stdout, stderr } = await runCli('check', ['00', '--file', solution])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    await expect(withoutTimes(stdout)).toMatchFileSnapshot(golden('check-passes'))
  })

  test('exits with 1 when a check failed, and tells the story', async () => {
    const { code, stdout } = await runCli('check', ['00', '--file', wrong])
    expect(code).toBe(1)
    await expect(withoutTimes(stdout)).toMatchFileSnapshot(golden('check-fails'))
  })

  test('exits with 1 when the program does not start, and says where it stopped', async () => {
    const { code, stdout } = await runCli('check', ['00', '--file', 'test/workbook/hostile/broken/syntax-error.ts'])
    expect(code).toBe(1)
    await expect(withoutTimes(stdout)).toMatchFileSnapshot(golden('check-closed-gate'))
  })

  test.each([
    [['99'], 'There is no lab "99"'],
    [['00', '--nonsense'], '--nonsense'],
    [['00', '--url', 'ftp://x'], 'Expected --url'],
    [['--file', solution], 'Name the one lab'],
  ])('exits with 2 when it could not judge: %j', async (args, reason) => {
    const { code, stdout, stderr } = await runCli('check', args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(reason)
  })

  test('with --json prints one object and nothing else', async () => {
    const { code, stdout } = await runCli('check', ['00', '--file', wrong, '--json'])
    const report = JSON.parse(stdout) as JsonReport
    expect(code).toBe(1)
    expect(report).toMatchObject({ lab: '00-warm-up', target: wrong, passed: false, problem: null })
    const failed = report.checks.find((check) => check.state === 'failed')
    expect(failed).toMatchObject({ id: 'content-type', curl: expect.stringContaining('curl') as string })
    expect(failed?.steps.at(-1)?.ok).toBe(false)
    expect(failed?.trace.map((event) => event.kind)).toEqual(['request', 'response'])
  })

  test('with --junit writes the verdict as XML too', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'junit-')), 'result.xml')
    await runCli('check', ['00', '--file', wrong, '--junit', file])
    expect(readFileSync(file, 'utf8')).toMatch(/<testsuite[^>]* failures="1"/)
  })

  test('documents every option that it takes', async () => {
    expect((await runCli('check', ['--help'])).stdout).toBe(checkHelp())
  })
})

describe('npx vitest, the command line and the judge', () => {
  test.each([solution, wrong])('agree on %s', { timeout: 60_000 }, async (file) => {
    const report = JSON.parse((await runCli('check', ['00', '--file', file, '--json'])).stdout) as JsonReport
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'labs', '--reporter', 'json', '00']
    const { stdout } = await run(process.execPath, args, { WORKBOOK_FILE: file, VITEST: undefined })
    const { testResults } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as VitestReport
    const byVitest = testResults.flatMap(({ assertionResults }) => assertionResults)
    expect(byVitest.map(({ title, status }) => `${title.split(':')[0] ?? ''} ${status}`))
      .toEqual(report.checks.map(({ id, state }) => `${id} ${state}`))
  })
})

describe('arguments', () => {
  test('a command is split as a shell would, and no shell sees it', () => {
    const { target } = parseCheckArguments(['01', '--command', 'python3 "my server.py" $HOME'], '/')
    expect(target).toEqual({ kind: 'command', command: ['python3', 'my server.py', '$HOME'] })
  })

  test.each([
    ['--repeat', '0'],
    ['--seed', 'x'],
  ])('%s %s is refused', (name, value) => {
    expect(() => parseCheckArguments(['01', name, value], '/')).toThrow(UsageError)
  })
})

interface VitestReport {
  testResults: { assertionResults: { title: string; status: string }[] }[]
}

/** What differs from run to run: durations, dates, ports. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/\d+(\.\d+)? m?s\b/g, '… ms')
    .replaceAll(/ +… ms/g, ' … ms')
    .replaceAll(/\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT/g, '<date>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
}
