import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runLabCommand } from '../harness/cli/lab.ts'
import {
  diffWithSolution,
  diffWithVersion,
  listVersions,
  readWork,
  recordVersion,
  resetLab,
  restoreVersion,
  startLab,
} from '../harness/history/history.ts'
import { readVersion } from '../harness/history/versions.ts'
import { MAX_WORK_BYTES } from '../harness/history/work.ts'
import type { CheckState, Verdict } from '../harness/types/index.ts'

const FILE_LAB = '01-one-file'
const STARTER = "console.log('off the air')\n"

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'history of work '))
  put('labs/01-one-file/starter.ts', STARTER)
  put('labs/01-one-file/solution.ts', "console.log('on the air')\n")
  put('labs/02-a-folder/starter/server.ts', "import './store.ts'\n")
  put('labs/02-a-folder/starter/store.ts', 'export {}\n')
  put('labs/02-a-folder/solution/server.ts', "import './store.ts'\n")
  put('labs/02-a-folder/solution/store.ts', 'export const shows = []\n')
  put('docs/01-one-file/index.md', '---\ntitle: x\n---\n\n# On air\n')
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('beginning a lab', () => {
  test('makes the learner’s file from the starter and keeps it as version 1', () => {
    expect(startLab('01', root)).toMatchObject({ changed: true, kept: null })
    expect(take('labs/01-one-file/mine.ts')).toBe(STARTER)
    expect(listVersions('01', root)).toMatchObject([{ number: 1, reason: 'start', passed: 0, total: 0 }])
  })

  test('never overwrites', () => {
    put('labs/01-one-file/mine.ts', 'my own words')
    expect(startLab('01', root).changed).toBe(false)
    expect(take('labs/01-one-file/mine.ts')).toBe('my own words')
  })

  test('completes a folder whose making was cut short, and leaves what is there', () => {
    put('labs/02-a-folder/mine/store.ts', 'my own store')
    expect(startLab('02', root).changed).toBe(true)
    expect(take('labs/02-a-folder/mine/server.ts')).toBe("import './store.ts'\n")
    expect(take('labs/02-a-folder/mine/store.ts')).toBe('my own store')
  })
})

describe('keeping versions', () => {
  test('keeps what was judged, not what is in the file by then', () => {
    begin()
    const judged = save('one')
    put('labs/01-one-file/mine.ts', 'two')
    recordVersion('01', judged, { reason: 'save', verdict: verdict('passed', 'failed'), root })
    expect(textOfVersion(2)).toBe('one')
    expect(listVersions('01', root).at(-1)).toMatchObject({ number: 2, passed: 1, total: 2, reason: 'save' })
  })

  test('keeps nothing when neither the content nor a state has changed', () => {
    begin()
    const work = save('one')
    expect(recordVersion('01', work, { reason: 'save', verdict: verdict('failed'), root })?.number).toBe(2)
    expect(recordVersion('01', work, { reason: 'save', verdict: verdict('failed'), root })).toBeNull()
    expect(recordVersion('01', work, { reason: 'save', verdict: verdict('passed'), root })?.number).toBe(3)
  })

  test('adds the first verdict to a copy that was not judged yet', () => {
    begin()
    recordVersion('01', save(STARTER), { reason: 'save', verdict: verdict('failed', 'passed'), root })
    expect(listVersions('01', root)).toMatchObject([{ number: 1, reason: 'start', passed: 1, total: 2 }])
    expect(readVersion('01', 1, root).record.verdict?.checks).toEqual({ 'check-0': 'failed', 'check-1': 'passed' })
  })

  test('processes that keep at the same time lose nothing', async () => {
    begin()
    const module = new URL('../harness/history/history.ts', import.meta.url).href
    const program = `
      const { recordVersion } = await import(${JSON.stringify(module)})
      for (let turn = 0; turn < 10; turn += 1) {
        const bytes = Buffer.from(process.pid + ' ' + turn)
        const work = { slug: '${FILE_LAB}', files: [{ path: 'mine.ts', bytes }], skipped: [] }
        recordVersion('01', work, { reason: 'save', verdict: null, root: ${JSON.stringify(root)} })
      }`
    const run = promisify(execFile)
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program]
    await Promise.all([1, 2].map(() => run(process.execPath, args, { timeout: 20_000 })))
    const texts = listVersions('01', root).map(({ number }) => textOfVersion(number))
    expect(texts).toHaveLength(21)
    expect(new Set(texts).size).toBe(21)
  })

  test('a version that is damaged is left alone, and its number is not given again', () => {
    begin()
    put('.workbook/history/01-one-file/7/version.json', '{"number": 7, "sav')
    recordVersion('01', save('after'), { reason: 'save', verdict: null, root })
    expect(listVersions('01', root).map(({ number }) => number)).toEqual([1, 8])
  })

  test('leaves node_modules out, and says which file does not fit', () => {
    startLab('02', root)
    put('labs/02-a-folder/mine/node_modules/express/index.js', 'x')
    put('labs/02-a-folder/mine/film.bin', Buffer.alloc(MAX_WORK_BYTES + 1))
    const work = readWork('02', root)
    expect(work?.files.map(({ path }) => path)).toEqual(['mine/server.ts', 'mine/store.ts'])
    expect(work?.skipped).toEqual(['mine/film.bin does not fit in the 5 MB that are kept'])
  })
})

describe('what checks measured', () => {
  const measured = (value: number): Verdict => {
    const one = verdict('failed')
    return { ...one, checks: one.checks.map((check) => ({ ...check, measures: [{ name: 'lost updates', value }] })) }
  }

  test('is kept with the version that was judged', () => {
    recordVersion('01', save('first'), { reason: 'save', verdict: measured(15), root })
    recordVersion('01', save('second'), { reason: 'save', verdict: verdict('passed'), root })
    expect(listVersions('01', root).map(({ measures }) => measures)).toEqual([{ 'check-0': [{ name: 'lost updates', value: 15 }] }, undefined])
  })

  test('makes no new version where it alone has changed', () => {
    recordVersion('01', save('first'), { reason: 'save', verdict: measured(15), root })
    expect(recordVersion('01', save('first'), { reason: 'save', verdict: measured(14), root })).toBeNull()
  })
})

describe('reset and restore', () => {
  test('a reset keeps what was there first, and a restore brings it back', () => {
    begin()
    put('labs/01-one-file/mine.ts', 'an evening of work')
    expect(resetLab('01', root).kept).toMatchObject({ number: 2, reason: 'reset' })
    expect(take('labs/01-one-file/mine.ts')).toBe(STARTER)
    restoreVersion('01', 2, root)
    expect(take('labs/01-one-file/mine.ts')).toBe('an evening of work')
  })

  test('a restore brings back a file that was deleted by hand', () => {
    begin()
    rmSync(join(root, 'labs/01-one-file/mine.ts'))
    restoreVersion('01', 1, root)
    expect(take('labs/01-one-file/mine.ts')).toBe(STARTER)
  })

  test('a folder is restored whole: files that the version does not have go, node_modules stays', () => {
    startLab('02', root)
    put('labs/02-a-folder/mine/extra.ts', 'extra')
    put('labs/02-a-folder/mine/node_modules/a/index.js', 'x')
    restoreVersion('02', 1, root)
    expect(readdirSync(join(root, 'labs/02-a-folder/mine')).sort()).toEqual(['node_modules', 'server.ts', 'store.ts'])
    expect(readVersion('02', 2, root).work.files.map(({ path }) => path)).toContain('mine/extra.ts')
  })

  test('refuses to replace a file of which no copy can be made', () => {
    begin()
    put('labs/01-one-file/mine.ts', Buffer.alloc(MAX_WORK_BYTES + 1, 'x'))
    expect(() => resetLab('01', root)).toThrow(/Nothing was changed: mine\.ts does not fit/)
    expect(statSync(join(root, 'labs/01-one-file/mine.ts')).size).toBe(MAX_WORK_BYTES + 1)
  })

  test('leaves no half-made file behind', () => {
    begin()
    resetLab('01', root)
    restoreVersion('01', 1, root)
    expect(readdirSync(join(root, '.workbook/tmp'))).toEqual([])
    expect(readdirSync(join(root, 'labs/01-one-file')).sort()).toEqual(['mine.ts', 'solution.ts', 'starter.ts'])
  })

  test('killed at any moment, the file is whole and the work is kept', { timeout: 30_000 }, async () => {
    const work = `// ${'an evening of work '.repeat(20_000)}\n`
    begin()
    const module = new URL('../harness/history/history.ts', import.meta.url).href
    const program = `
      const { resetLab, restoreVersion } = await import(${JSON.stringify(module)})
      console.log('ready')
      for (;;) { restoreVersion('01', 2, ${JSON.stringify(root)}); resetLab('01', ${JSON.stringify(root)}) }`
    put('labs/01-one-file/mine.ts', work)
    resetLab('01', root)
    for (const waitMs of [3, 11, 20]) {
      await killWhileRunning(program, waitMs)
      expect([STARTER, work]).toContain(take('labs/01-one-file/mine.ts'))
      expect(textOfVersion(2)).toBe(work)
      for (const { number } of listVersions('01', root)) expect([STARTER, work]).toContain(textOfVersion(number))
    }
  })
})

describe('comparing', () => {
  test('with the reference, as a unified diff', () => {
    begin()
    expect(diffWithSolution('01', root)).toBe(
      [
        '--- mine.ts',
        '+++ solution.ts',
        '@@ -1,1 +1,1 @@',
        "-console.log('off the air')",
        "+console.log('on the air')",
        '',
      ].join('\n'),
    )
  })

  test('of folders, file by file, with those that only one side has', () => {
    startLab('02', root)
    put('labs/02-a-folder/mine/extra.ts', 'export {}\n')
    const lines = diffWithSolution('02', root).split('\n')
    expect(lines.filter((line) => /^(---|\+\+\+)/.test(line))).toEqual([
      '--- mine/extra.ts',
      '+++ /dev/null',
      '--- mine/store.ts',
      '+++ solution/store.ts',
    ])
  })

  test('with a version, and other line ends are no difference', () => {
    begin()
    put('labs/01-one-file/mine.ts', STARTER.replace('\n', '\r\n'))
    expect(diffWithVersion('01', 1, root)).toBe('')
  })

  test('of a lab that is not begun says how to begin it', () => {
    expect(() => diffWithSolution('01', root)).toThrow('Begin it with: npm run lab 01')
  })
})

describe('npm run lab', () => {
  test('says what it did and what comes next', async () => {
    const commands: string[][] = [
      [],
      ['01'],
      ['01'],
      ['01', '--reset'],
      ['01', '--restore', '1'],
      ['01', '--diff'],
      ['01', '--diff', '1'],
      ['01', '--restore', '9'],
      ['01', '--restore', 'x'],
      ['7'],
      ['01', '--rest'],
    ]
    const told = commands.map((args) => {
      const { text, code } = runLabCommand(args, root)
      return `$ npm run lab ${args.join(' ')}\n${text}\n(exit ${String(code)})\n`
    })
    await expect(told.join('\n')).toMatchFileSnapshot('golden/lab-command.txt')
  })

  test('lists the versions with their results', () => {
    begin()
    recordVersion('01', save('one'), { reason: 'save', verdict: verdict('passed', 'failed'), root })
    const { text } = runLabCommand(['01', '--history'], root)
    expect(text).toMatch(/^ {3}1 {2}\S+ \S+ UTC {2}not checked {7}begun$/m)
    expect(text).toMatch(/^ {3}2 {2}\S+ \S+ UTC {2}1 of 2 passed$/m)
    expect(runLabCommand([], root).text).toContain('begun, 1 of 2 checks passed last time')
  })
})

function begin(): void {
  startLab('01', root)
}

function save(text: string): NonNullable<ReturnType<typeof readWork>> {
  put('labs/01-one-file/mine.ts', text)
  const work = readWork('01', root)
  if (work === null) throw new Error('nothing was read')
  return work
}

function verdict(...states: CheckState[]): Verdict {
  const checks = states.map((state, index) => ({ id: `check-${String(index)}`, title: 't', state, ms: 1, steps: [], trace: [] }))
  return { lab: FILE_LAB, target: 'mine', passed: false, problem: null, checks, ms: 1, remarks: [], seed: 1 }
}

function textOfVersion(number: number): string {
  return Buffer.from(readVersion('01', number, root).work.files[0]?.bytes ?? []).toString()
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

function take(path: string): string {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '(no such file)'
}

async function killWhileRunning(program: string, waitMs: number): Promise<void> {
  const child = execFile(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program])
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  await new Promise((resolve) => setTimeout(resolve, waitMs))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
