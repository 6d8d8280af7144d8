import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findLabs, relativePath } from '../harness/labs.ts'

/** A quotation in a page: `<<< ../../labs/01-request-response/solution.ts#region{ts}`. */
const QUOTATION = /^<<<\s+(\S+?)(?:#([\w-]+))?(?:\{.*\})?(?:\s.*)?$/gm

describe.each(findLabs())('the chapter of $slug', (lab) => {
  const page = existsSync(lab.page) ? readFileSync(lab.page, 'utf8') : ''
  const quotations = [...page.matchAll(QUOTATION)].map(([line, path = '', region]) => ({
    line,
    region,
    file: resolve(dirname(lab.page), path),
  }))

  test('quotes code that is run by tests', () => {
    expect(quotations.length).toBeGreaterThan(0)
  })

  // VitePress inlines the whole file, solution and all, when it does not find the region.
  test.each(quotations)('finds the region of $line', ({ file, region }) => {
    expect(region, 'a quotation names a region').toBeDefined()
    const source = readFileSync(file, 'utf8')
    expect(source).toMatch(new RegExp(`^\\s*// #region ${region ?? ''}\\s*$`, 'm'))
    expect(source).toMatch(new RegExp(`^\\s*// #endregion ${region ?? ''}\\s*$`, 'm'))
  })

  // An atomic save would break the page, and a learner's file is no worked example.
  test('quotes nobody\'s own program', () => {
    expect(quotations.map(({ file }) => relativePath(file)).filter((path) => path.includes('/mine'))).toEqual([])
  })

  test('shows its lab, its checks and the reference\'s recorded run', () => {
    for (const part of ['LabPanel', 'CheckList', 'RecordedRun']) expect(page).toContain(`<${part} slug="${lab.slug}"`)
  })
})
