import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findChromium } from '../harness/peers/browser/find.ts'
import { closeBrowser, warmBrowser } from '../harness/peers/browser/launch.ts'
import { startSite, type SiteServer } from './site-server.ts'
import { copyWorkbook, type WorkbookCopy } from './workbook-copy.ts'

const SLUG = '04-shared-state'
const CHECK = 'no-lost-update'
const SLOW = { timeout: 60_000, interval: 100 }
const isMissing = findChromium() === null
const name = isMissing ? 'what was measured (skipped: no Chromium on this machine)' : 'what was measured'

describe.skipIf(isMissing)(name, () => {
  let workbook: WorkbookCopy
  let site: SiteServer
  let browser: Browser
  let page: Page
  let table: Locator

  const program = (of: string): string => readFileSync(join(workbook.root, 'labs', SLUG, `${of}.ts`), 'utf8')
  const save = (text: string): void => { writeFileSync(join(workbook.root, 'labs', SLUG, 'mine.ts'), text) }
  const rows = async (): Promise<string[]> => (await table.locator('tbody tr').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim())

  beforeAll(async () => {
    workbook = copyWorkbook([SLUG])
    site = await startSite(workbook.root)
    browser = await warmBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    await page.goto(`${site.origin}/${SLUG}/`)
    table = page.locator(`[data-measured="${CHECK}"]`)
  }, 60_000)

  afterAll(async () => {
    await page.close()
    await closeBrowser()
    await site.stop()
    workbook.remove()
  })

  test('before anything is begun the page shows the recorded programs, and says that yours is not measured', async () => {
    await vi.waitFor(async () => {
      expect(await rows()).toEqual(['the starter, recorded 20 15 0', 'the reference, recorded 20 0 30'])
    }, SLOW)
    expect(await table.innerText()).toContain('Your own program has not been measured yet.')
  }, 90_000)

  test('each kept version gets a row with its own figures, and the panel tells those of this run', async () => {
    save(program('starter'))
    await vi.waitFor(async () => { expect((await rows())[1]).toBe('your version 1 20 15 0') }, SLOW)
    save(program('solution'))
    await vi.waitFor(async () => { expect((await rows())[2]).toMatch(/^your version 2 20 0 \d+$/) }, SLOW)
    expect((await rows())[1]).toBe('your version 1 20 15 0')
    const told = await page.locator(`.lab-panel [data-check="${CHECK}"] .check-measures`).innerText()
    expect(told).toMatch(/^Measured: acknowledged updates: 20, lost updates: 0, refused updates: \d+$/)
  }, 150_000)
})
