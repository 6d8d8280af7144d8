/** The workbook on machines that lack something: each is made here where this system can, and skipped by name elsewhere. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyWorkbook, type WorkbookCopy } from '../browser/workbook-copy.ts'
import { run, type Finished } from './support/cli.ts'

const SOLUTION = 'labs/00-warm-up/solution.ts'
const ON_LINUX = process.platform === 'linux'
/** A mount of one's own, and a network of one's own: some systems and containers give neither. */
const canMount = ON_LINUX && spawnSync('unshare', ['-rm', 'true']).status === 0
const NO_IPV6 = 'ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'
const canCutNetwork = ON_LINUX && spawnSync('unshare', ['-rn', 'sh', '-c', NO_IPV6]).status === 0
const hasShell = process.platform !== 'win32'

let copy: WorkbookCopy
const elsewhere = mkdtempSync(join(tmpdir(), 'systems-'))
beforeAll(() => {
  copy = copyWorkbook(['00-warm-up'], 'Häfen & Rádio 港 ')
})
afterAll(() => {
  copy.remove()
  rmSync(elsewhere, { recursive: true, force: true })
})

/** Runs `npm run check` in the copy, with a command before it that makes the machine poorer. */
function check(args: readonly string[], before: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  const script = join(copy.root, 'test', 'harness', 'cli', 'check.ts')
  const [command = '', ...rest] = [...before, process.execPath, '--import', 'tsx', script, ...args]
  return run(command, rest, { INIT_CWD: copy.root, ...env }, copy.root)
}

/** A shell that prepares what only it can, and then becomes the command after it. `$0` is the copy's folder. */
function shell(preparation: string): string[] {
  return ['sh', '-c', `${preparation} && cd "$0" && exec "$@"`, copy.root]
}

function expectPassed({ code, stdout, stderr }: Finished): void {
  expect(stdout + stderr).toMatch(/4 passed, 0 failed, 0 skipped/)
  expect(code).toBe(0)
}

test('a folder with spaces and letters of all scripts', async () => {
  expectPassed(await check(['00', '--file', SOLUTION]))
})

test('no HOME, and nothing else but PATH', async () => {
  const nothing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]))
  const needed = ON_LINUX ? { PATH: process.env['PATH'] } : { ...process.env, HOME: undefined, USERPROFILE: undefined }
  expectPassed(await check(['00', '--file', SOLUTION], [], { ...nothing, ...needed }))
})

test('no python3: a command that is not there is told as such', async () => {
  const { code, stderr, stdout } = await check(['00', '--command', 'python3 server.py'], [], { PATH: elsewhere })
  expect(stdout + stderr).toContain('The command "python3" was not found.')
  expect(code).toBe(1)
})

describe.skipIf(!hasShell)('few files may be open (skipped without a POSIX shell)', () => {
  test('256 are enough', async () => {
    expectPassed(await check(['00', '--file', SOLUTION], shell('ulimit -n 256')))
  })
})

describe.skipIf(!canMount)('a checkout that cannot be written to (skipped where nobody may mount)', () => {
  const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && ! touch "$0/x" 2>/dev/null'

  test('judges', async () => {
    expectPassed(await check(['00', '--file', SOLUTION], ['unshare', '-rm', ...shell(readOnly)]))
  })

  test('judges a learner\'s work, and says that no version of it is kept', async () => {
    const mine = join(copy.root, 'labs', '00-warm-up', 'mine.ts')
    copyFileSync(join(copy.root, SOLUTION), mine)
    const finished = await check(['00'], ['unshare', '-rm', ...shell(readOnly)])
    expectPassed(finished)
    expect(finished.stdout + finished.stderr).toMatch(/version/i)
    rmSync(mine)
  })
})

describe.skipIf(!canCutNetwork)('no IPv6 (skipped where nobody may have a network of their own)', () => {
  test('judges', async () => {
    expectPassed(await check(['00', '--file', SOLUTION], ['unshare', '-rn', ...shell(NO_IPV6)]))
  })
})
