import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { copyWorkbook, type WorkbookCopy } from '../browser/workbook-copy.ts'
import { parseCheckArguments, UsageError } from '../harness/cli/arguments.ts'
import { checkHelp } from '../harness/cli/options.ts'
import { listVersions } from '../harness/history/history.ts'
import type { JsonReport } from '../harness/reporters/json.ts'
import { run, runCli, type Finished } from './support/cli.ts'

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

  test('with --repeat tells each failure with how to repeat it, and what the runs came to', async () => {
    const { code, stdout } = await runCli('check', ['00', '--file', wrong, '--repeat', '2', '--shake', '7'])
    expect(code).toBe(1)
    const again = (shake: string): RegExp => new RegExp(`Repeat this run: npm run check 00 -- --file ${wrong} --seed \\d+ --shake ${shake}\n`)
    expect(stdout).toMatch(again('7'))
    expect(stdout).toMatch(again('8'))
    expect(stdout).toMatch(/^00-warm-up: 2 runs, 2 failures; median [\d.]+ m?s, p95 [\d.]+ m?s$/m)
    expect(stdout).toMatch(/^ {2}00-warm-up content-type: failed 2 times, first in: npm run check 00 .* --shake 7$/m)
  })

  test('documents every option that it takes', async () => {
    expect((await runCli('check', ['--help'])).stdout).toBe(checkHelp())
  })
})

describe('in a workbook of its own', () => {
  let copy: WorkbookCopy
  beforeEach(() => { copy = copyWorkbook(['00-warm-up']) })
  afterEach(() => { copy.remove() })

  const script = (name: string): string => join(copy.root, 'test', 'harness', 'cli', `${name}.ts`)
  const runThere = (name: string, args: string[]): Promise<Finished> =>
    run(process.execPath, ['--import', 'tsx', script(name), ...args], { INIT_CWD: copy.root })
  const put = (name: string, program: string): void => { copyFileSync(program, join(copy.root, 'labs', '00-warm-up', name)) }

  test('a check of mine.ts keeps a version with its verdict, once for each that is new', async () => {
    expect((await runThere('lab', ['00', '--history'])).stdout).toContain('keeps one: npm run check 00')
    put('mine.ts', wrong)
    await runThere('check', ['00'])
    await runThere('check', ['00', '--repeat', '2'])
    put('mine.ts', solution)
    expect((await runThere('check', ['00', '--json'])).code).toBe(0)
    expect(listVersions('00', copy.root)).toMatchObject([
      { number: 1, reason: 'save', isGreen: false },
      { number: 2, reason: 'save', isGreen: true },
    ])
    expect((await runThere('lab', ['00', '--history'])).stdout).toMatch(/^ +2 .* (\d+) of \1 passed$/m)
  })

  test('a check of another program keeps none', async () => {
    put('mine.ts', wrong)
    await runThere('check', ['00', '--file', solution])
    await runThere('check', ['00', '--command', `${process.execPath} --import tsx ${solution}`])
    expect(listVersions('00', copy.root)).toEqual([])
  })

  test('with --watch each save is kept', async () => {
    put('mine.ts', wrong)
    const watching = spawn(process.execPath, ['--import', 'tsx', script('check'), '00', '--watch'], { cwd: copy.root, stdio: 'ignore' })
    const ended = once(watching, 'exit')
    try {
      const kept = (): unknown => listVersions('00', copy.root).map(({ isGreen }) => isGreen)
      await expect.poll(kept, { timeout: 20_000 }).toEqual([false])
      put('mine.ts', solution)
      await expect.poll(kept, { timeout: 20_000 }).toEqual([false, true])
    } finally {
      watching.kill()
      await ended
    }
  })

  test.each([['check', ['00', '--file', solution]], ['record', ['00']]])('%s says which check file is missing', async (name, args) => {
    rmSync(join(copy.root, 'test', '00-warm-up.test.ts'))
    const { code, stderr } = await runThere(name, args)
    expect(stderr).toBe('Lab 00-warm-up has no checks yet: write test/00-warm-up.test.ts (CONTRIBUTING.md, step 4).\n')
    expect(code).toBe(2)
  })

  test('record says what the reference fails, and how to see it', async () => {
    put('solution.ts', wrong)
    const { code, stderr } = await runThere('record', ['00'])
    expect(stderr).toBe([
      'The reference of 00-warm-up fails: content-type',
      'See: npm run check 00 -- --file labs/00-warm-up/solution.ts',
      '',
    ].join('\n'))
    expect(code).toBe(1)
  })
})

test('npm run record says which labs there are', async () => {
  const { code, stderr } = await runCli('record', ['99'])
  expect(stderr).toMatch(/^There is no lab "99"\. The labs are: [^\n]+\n$/)
  expect(code).toBe(2)
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
