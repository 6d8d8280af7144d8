/** What a program prints, throws and answers is shown as text: no terminal obeys it. */
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { visibleText } from '../../docs/.vitepress/theme/diagram/visible-text.ts'
import { plainJson, plainText } from '../harness/reporters/plain.ts'
import { ORDERS } from './fixtures/obeyed/orders.ts'
import { run, runCli } from './support/cli.ts'

const folder = fileURLToPath(new URL('./fixtures/obeyed/', import.meta.url))
const COLOUR = /\u001b\[\d+m/g
/** Line ends and tabs are all that may move a cursor. */
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u

test.each(['throws', 'crashes', 'answers'])('of a program that %s, on the command line in each form', async (name) => {
  const junit = join(tmpdir(), `obeyed ${name} ${String(process.pid)}.xml`)
  const check = (...options: string[]): ReturnType<typeof runCli> => runCli('check', ['00', '--file', join(folder, `${name}.ts`), ...options], { NO_COLOR: undefined, FORCE_COLOR: '1' })
  const [told, json] = [await check('--all', '--hints', '--junit', junit), await check('--json')]
  expect(told.code).toBe(1)
  expect(told.stdout).toContain('renamed')
  for (const text of [told.stdout, told.stderr, readFileSync(junit, 'utf8')]) expectObeyedByNone(text)
  expectObeyedByNone(json.stdout)
  expect(JSON.stringify(JSON.parse(json.stdout))).toContain('renamed')
  rmSync(junit)
})

test('of a program that throws, under vitest, also beside the checks that were not reached', async () => {
  const { stdout, stderr } = await run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'labs', '00'], { WORKBOOK_FILE: join(folder, 'throws.ts') })
  expect(stdout + stderr).toContain('renamed')
  expectObeyedByNone(stdout)
  expectObeyedByNone(stderr)
})

test('is the same text in JSON, and of the same length in the page', () => {
  expectObeyedByNone(plainText(ORDERS))
  expectObeyedByNone(plainJson([ORDERS]))
  expect(JSON.parse(plainJson([ORDERS]))).toEqual([ORDERS])
  expect(visibleText(ORDERS)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u202a-\u202e\u2066-\u2069]/)
  expect(visibleText(ORDERS)).toHaveLength(ORDERS.length)
})

function expectObeyedByNone(text: string): void {
  const found = OBEYED.exec(text.replaceAll('\r\n', '\n').replaceAll(COLOUR, ''))
  const around = found === null ? '' : JSON.stringify(text.replaceAll(COLOUR, '').slice(Math.max(0, found.index - 60), found.index + 20))
  expect(found, around).toBeNull()
}
