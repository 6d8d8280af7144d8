import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DOCS } from '../../docs/.vitepress/chapters.ts'
import { anchorOf } from '../../docs/.vitepress/glossary.ts'
import { chapterEffort, effortOf, effortText } from '../../docs/.vitepress/minutes.ts'
import { OPENINGS } from '../../docs/.vitepress/opening.ts'
import { missingRun, readRecording, recordedKeys } from '../../docs/.vitepress/recorded-runs.ts'
import { loadLab } from '../harness/judge/load.ts'
import { findLabs, relativePath, ROOT } from '../harness/labs.ts'
import { recordedOf } from '../harness/recorded-of.ts'

/** A quotation in a page: `<<< ../../labs/01-request-response/solution.ts#region{ts}`. */
const QUOTATION = /^<<<\s+(\S+?)(?:#([\w-]+))?(?:\{.*\})?(?:\s.*)?$/gm

/** A model of a figure: `export const figure: Figure<…> = {`. */
const MODEL = /^export const \w+: Figure</m

/** The anchors of the glossary's words: `**Byte order mark.**` begins a paragraph there. */
const explained = new Set([...readFileSync(join(DOCS, 'reference/glossary.md'), 'utf8').matchAll(/^\*\*(.+?)\.?\*\*/gm)].map(([, term = '']) => anchorOf(term)))

const recorded = recordedKeys()

describe.each(findLabs())('the chapter of $slug', (lab) => {
  const page = existsSync(lab.page) ? readFileSync(lab.page, 'utf8') : ''
  const quotations = [...page.matchAll(QUOTATION)].map(([line, path = '', region]) => ({
    line,
    region,
    file: resolve(dirname(lab.page), path),
  }))

  test('quotes code that is run by tests', () => {
    expect(quotations.length, `${relativePath(lab.page)} quotes no region: <<< ../../labs/${lab.slug}/solution.ts#name`).toBeGreaterThan(0)
  })

  // VitePress inlines the whole file, solution and all, when it does not find the region.
  test.each(quotations)('finds the region of $line', ({ file, region }) => {
    const path = relativePath(file)
    expect(existsSync(file), `${path} is not there`).toBe(true)
    expect(region, `${path}#…: a quotation names a region`).toBeDefined()
    const source = readFileSync(file, 'utf8')
    for (const mark of ['region', 'endregion']) {
      const names = namesOf(mark, source)
      const there = names.length === 0 ? 'it has none' : `it has: ${names.join(', ')}`
      expect(names.includes(region ?? ''), `${path} has no \`// #${mark} ${region ?? ''}\`; ${there}`).toBe(true)
    }
  })

  // An atomic save would break the page, and a learner's file is no worked example.
  test('quotes nobody\'s own program', () => {
    expect(quotations.map(({ file }) => relativePath(file)).filter((path) => path.includes('/mine'))).toEqual([])
  })

  test('opens with what it gives, needs and takes', () => {
    const opening = page.slice(0, page.indexOf('\n## '))
    const bold = [...opening.matchAll(/\*\*(.+?)\*\*/g)].map(([, words = '']) => words)
    expect(bold.filter((words) => OPENINGS.some((opening) => opening === words)), `the bold words before the first section of ${relativePath(lab.page)}`).toEqual(OPENINGS)
  })

  test('says what it takes by the rule, with all of its lab\'s checks', async () => {
    expect(page.match(/<TimeItTakes \/>/g), `${relativePath(lab.page)}: **It takes** <TimeItTakes />`).toHaveLength(1)
    expect(chapterEffort(lab.slug).checks).toBe((await loadLab(lab.slug)).checks.length)
  })

  test('shows its lab, its checks and the reference\'s recorded run', () => {
    const parts = ['LabPanel', 'CheckList', 'RecordedRun'].map((part) => `<${part} slug="${lab.slug}"`)
    expect(parts.filter((part) => !page.includes(part)), `missing in ${relativePath(lab.page)}`).toEqual([])
  })

  test('draws runs that were recorded of its solution and checks as they are now', () => {
    expect(missingRun(relativePath(lab.page), page, recorded)).toBeUndefined()
    const again = `docs/${lab.slug}/recorded-run.json is older than a program or a check of the lab. Make it anew: npm run record ${lab.slug.slice(0, 2)}`
    expect(readRecording(lab.slug).of, again).toBe(recordedOf(lab))
  })

  test('explains no word that the glossary does not have', () => {
    const names = [...page.matchAll(/<Term\s+name="([^"]+)"/g)].map(([, name = '']) => name)
    expect(names.filter((name) => !explained.has(anchorOf(name))), `<Term name="…"> in ${relativePath(lab.page)} without its paragraph in docs/reference/glossary.md`).toEqual([])
  })

  test('proves the model of each figure', () => {
    const folder = dirname(lab.page)
    const models = readdirSync(folder).filter((name) => name.endsWith('.ts') && MODEL.test(readFileSync(join(folder, name), 'utf8')))
    const proof = `test/workbook/figure-${lab.slug.slice(0, 2)}.test.ts`
    const proved = existsSync(join(ROOT, proof)) ? readFileSync(join(ROOT, proof), 'utf8') : ''
    expect(models.filter((name) => !proved.includes(`/${lab.slug}/${name}'`)), `models of docs/${lab.slug} that ${proof} does not import`).toEqual([])
  })
})

test('words are counted as they are read: no code, no tag, no source', () => {
  const page = [
    '---', 'title: not read', '---', '# Three words here', '<script setup>', 'const not = read', '</script>',
    '```ts', 'not.read()', '```', '<Predict id="a" question="Is 1 > 0 or not?" :options="[]">', '', 'Two `words`', '', '</Predict>', '<RecordedRun slug="a" />',
    '## Sources', 'Not read.',
  ].join('\n')
  expect(effortOf(page, 'check(\'one\'\n  check(not\ncheck(\'two\'')).toEqual({ words: 5, tasks: 2, checks: 2 })
})

test.each([
  [{ words: 1_750, tasks: 5, checks: 21 }, 'about 15 minutes to read and 1½ hours for the lab'],
  [{ words: 300, tasks: 0, checks: 15 }, 'about 5 minutes to read and 1 hour for the lab'],
  [{ words: 3_227, tasks: 9, checks: 27 }, 'about 25 minutes to read and 1¾ hours for the lab'],
])('minutes come from the counts, in fives, an hour and more in quarters: %o', (effort, text) => {
  expect(effortText(effort)).toBe(text)
})

/** The names behind `// #region` or `// #endregion`; in a Dockerfile behind `# #region`. */
function namesOf(mark: string, source: string): string[] {
  return [...source.matchAll(new RegExp(`^\\s*(?://|#) #${mark} (.+?)\\s*$`, 'gm'))].map(([, name = '']) => name)
}
