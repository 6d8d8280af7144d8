import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mistakesOf } from '../../docs/.vitepress/theme/data/mistakes.ts'
import { loadLab } from '../harness/judge/load.ts'
import { findLabs, relativePath, ROOT, wrongPrograms } from '../harness/labs.ts'
import { rejectedBy } from './support/programs.ts'

const labs = findLabs()
const MAX_HINT_WORDS = 50

test('there are labs, found by their folders', () => {
  expect(labs.length).toBeGreaterThan(0)
})

test('a slug is in all three places or in none', () => {
  const slugs = labs.map((lab) => lab.slug)
  const numbered = (folder: string): string[] => readdirSync(join(ROOT, folder)).filter((name) => /^\d\d-/.test(name)).sort()
  expect(numbered('docs'), 'the folders of docs/ are those of labs/, name by name').toEqual(slugs)
  const checkFiles = numbered('test').filter((name) => name.endsWith('.test.ts'))
  expect(checkFiles.map((name) => name.replace('.test.ts', '')), 'test/NN-slug.test.ts is there for each folder of labs/, and for no other').toEqual(slugs)
})

describe.each(labs)('$slug', (lab) => {
  test('has a page, a starter, a solution and checks', () => {
    const missing = [lab.page, lab.starter, lab.solution, lab.checks].filter((file) => !existsSync(file))
    expect(missing.map((file) => relativePath(file)), 'not there (CONTRIBUTING.md, "Add a chapter")').toEqual([])
  })

  test('has the page\'s first heading as its title', async () => {
    const heading = /^# (.+)$/m.exec(readFileSync(lab.page, 'utf8'))?.[1]
    expect((await loadLab(lab.slug)).title, `the title in ${relativePath(lab.checks)}, beside the heading of ${relativePath(lab.page)}`).toBe(heading)
  })

  test('has a starter that marks its gaps', () => {
    // Asked of a truth and not of the text, so that a failure is a sentence and not the whole file.
    expect(readFileSync(lab.starter, 'utf8').includes('TODO(1)'), `${relativePath(lab.starter)} marks no gap: write TODO(1)`).toBe(true)
  })

  test('has three levels of hint on every check, none too long', async () => {
    const { checks } = await loadLab(lab.slug)
    for (const { id, hints } of checks) {
      expect(hints, id).toHaveLength(3)
      for (const hint of hints) {
        const words = hint.split(/\s+/).length
        expect(words, `${id}: "${hint}"`).toBeGreaterThan(2)
        expect(words, `${id}: "${hint}"`).toBeLessThanOrEqual(MAX_HINT_WORDS)
      }
    }
  })

  test('has a wrong program for every check, and none that names another', async () => {
    const ids = (await loadLab(lab.slug)).checks.map((check) => check.id)
    const named = wrongPrograms(lab).flatMap((wrong) => rejectedBy(wrong.file))
    // A misspelt name shows up as both: the first of them says which it is.
    expect(named.filter((id) => !ids.includes(id)), 'checks named but not there').toEqual([])
    expect(ids.filter((id) => !named.includes(id)), 'checks that no wrong program fails').toEqual([])
  })

  test('has a mistake in words for every check, for the page\'s list', async () => {
    const { checks } = await loadLab(lab.slug)
    const mistakes = mistakesOf(lab.slug)
    expect(checks.map((check) => check.id).filter((id) => !mistakes.has(id)), 'checks whose mistake the page could not name').toEqual([])
  })
})
