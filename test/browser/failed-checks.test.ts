import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../harness/peers/browser/find.ts'
import { closeBrowser, warmBrowser } from '../harness/peers/browser/launch.ts'
import { axeFindings } from './site/axe.ts'
import { toColours } from './site/visits.ts'
import { startSite, type SiteServer } from './site-server.ts'
import { copyWorkbook, type WorkbookCopy } from './workbook-copy.ts'

/** Its starter fails most of its checks, each in another way. */
const SLUG = '01-request-response'
const FAILED = '.check-row[data-state=failed]'
const SLOW_MS = 60_000
/** A browser asks every server for it, the page does not. */
const ICON = '/favicon.ico'
const isMissing = findChromium() === null
const because = isMissing ? ' (skipped: no Chromium on this machine)' : ''

describe.skipIf(isMissing)(`each failed check, opened${because}`, () => {
  let workbook: WorkbookCopy
  let site: SiteServer
  let browser: Browser
  let page: Page
  let failed: number
  const asked = new Set<string>()
  const problems: string[] = []

  beforeAll(async () => {
    workbook = copyWorkbook([SLUG])
    const folder = join(workbook.root, 'labs', SLUG)
    cpSync(join(folder, 'starter.ts'), join(folder, 'mine.ts'))
    site = await startSite(workbook.root)
    browser = await warmBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', colorScheme: 'light' })
    page.on('request', (request) => asked.add(new URL(request.url()).origin))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !message.location().url.endsWith(ICON)) problems.push(message.text())
    })
    await page.goto(`${site.origin}/${SLUG}/`)
    await page.locator('.lab-summary[aria-busy=false]', { hasText: /of \d+ checks pass/ }).waitFor({ timeout: SLOW_MS })
    failed = await page.locator(FAILED).count()
    await openEverything(page)
  }, 3 * SLOW_MS)

  afterAll(async () => {
    await page.close()
    await closeBrowser()
    await site.stop()
    workbook.remove()
  })

  test('tells its story, what was expected, its three hints, the command, the messages and the replay', async () => {
    expect(failed).toBeGreaterThan(10)
    expect(await page.locator(`${FAILED} .failed-check`).count()).toBe(failed)
    expect(await page.locator(`${FAILED} .hint-list li`).count()).toBe(3 * failed)
    for (const part of ['.story', '.values', '.copy-text', '.sequence-picture', '.trace-text', '.replay button']) {
      const without = await page.evaluate<string[]>(`[...document.querySelectorAll('${FAILED}:not(:has(${part}))')].map((row) => row.dataset.check)`)
      expect(without, `without ${part}`).toEqual([])
    }
  })

  test('shows the reader\'s run beside the reference\'s, the first difference marked and told', async () => {
    const compared = page.locator('.compared')
    expect(await compared.locator('.sequence-picture').count()).toBe(2)
    expect(await compared.locator('.arrow.marked').count()).toBe(1)
    expect(await compared.textContent()).toContain('the first message that differs from the reference’s run')
  })

  test('is right for axe, light and dark', async () => {
    expect(await axeFindings(page)).toEqual([])
    await toColours(page, 'dark')
    expect(await axeFindings(page, 'colours')).toEqual([])
    await toColours(page, 'light')
  })

  test('fits a window of 320 pixels', async () => {
    await page.setViewportSize({ width: 320, height: 700 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  test('asks nobody else, and the console stays empty', () => {
    expect([...asked]).toEqual([site.origin])
    expect(problems).toEqual([])
  })
})

/** As a reader who wants to see it all: checks, hints, texts of the messages, a replay, kept versions, keys, the comparison. */
async function openEverything(page: Page): Promise<void> {
  await page.locator('.recorded-run').first().scrollIntoViewIfNeeded()
  await page.getByLabel('Show my run beside it').check({ timeout: SLOW_MS })
  await page.locator('.compared .arrow.marked').waitFor({ timeout: SLOW_MS })
  for (let level = 0; level < 4; level += 1) {
    await page.evaluate(`(() => {
      for (const summary of document.querySelectorAll('.lab-panel details:not([open]) > summary')) summary.click()
      for (const button of document.querySelectorAll('.lab-panel .hints button')) button.click()
    })()`)
    await page.waitForTimeout(200)
  }
  await page.locator(`${FAILED} .replay button`).first().click()
  await page.locator('.replay-sentence').first().waitFor({ timeout: SLOW_MS })
}
