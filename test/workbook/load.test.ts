import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadLab } from '../harness/judge/load.ts'
import { ROOT } from '../harness/labs.ts'

const SLUG = '18-clocks'
const HARNESS = pathToFileURL(join(ROOT, 'test', 'harness', 'lab.ts')).href

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workbook-'))
  mkdirSync(join(root, 'labs', SLUG), { recursive: true })
  mkdirSync(join(root, 'test', SLUG), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction')
  write(`${SLUG}.test.ts`, `
    import { check, lab } from '${HARNESS}'
    import { tellsTheTime } from './${SLUG}/time.ts'
    lab({ title: 'Clocks', program: 'server' })
    tellsTheTime(check)`)
  write(`${SLUG}/words.ts`, 'export const title: string = \'tells the time\'')
  write(`${SLUG}/time.ts`, `
    import { title } from './words.ts'
    export const tellsTheTime = (check) => check('tells-the-time', title, { hints: ['a', 'b', 'c'] }, async () => {})`)
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

test('what has not changed is read once', async () => {
  expect(await loadLab(SLUG, root)).toBe(await loadLab(SLUG, root))
})

test('a change in the check file is read', async () => {
  await loadLab(SLUG, root)
  write(`${SLUG}.test.ts`, `
    import { check, lab } from '${HARNESS}'
    import { tellsTheTime } from './${SLUG}/time.ts'
    lab({ title: 'Clocks and calendars', program: 'server' })
    tellsTheTime(check)`)
  expect((await loadLab(SLUG, root)).title).toBe('Clocks and calendars')
})

test('a change in the files beside it is read, each time', async () => {
  const titles = [await firstTitle()]
  for (const title of ['tells the hour', 'tells hour and minute']) {
    write(`${SLUG}/words.ts`, `export const title: string = '${title}'`)
    titles.push(await firstTitle())
  }
  expect(titles).toEqual(['tells the time', 'tells the hour', 'tells hour and minute'])
})

test('a file that cannot be read says where, and is read once it is mended', async () => {
  await loadLab(SLUG, root)
  write(`${SLUG}/words.ts`, 'export const title: = 3')
  await expect(loadLab(SLUG, root)).rejects.toThrow(/words\.ts:1:20/)
  write(`${SLUG}/words.ts`, 'export const title = \'tells the time again\'')
  expect(await firstTitle()).toBe('tells the time again')
})

async function firstTitle(): Promise<string | undefined> {
  return (await loadLab(SLUG, root)).checks[0]?.title
}

function write(file: string, text: string): void {
  writeFileSync(join(root, 'test', file), text)
}
