/** A page of another port, in a real browser beside the learner's own, tries to run a lab; a program tries to run in the page. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findChromium } from '../harness/peers/browser/find.ts'
import { closeBrowser, warmBrowser } from '../harness/peers/browser/launch.ts'
import { ROOT } from '../harness/labs.ts'
import { ORDERS } from '../workbook/fixtures/obeyed/orders.ts'
import { startSite, type SiteServer } from './site-server.ts'
import { copyWorkbook, type WorkbookCopy } from './workbook-copy.ts'

const SLUG = '00-warm-up'
const isMissing = findChromium() === null
const name = isMissing ? 'attacks in a browser (skipped: no Chromium on this machine)' : 'attacks in a browser'
const foreignPage = readFileSync(new URL('./foreign-page.html', import.meta.url))
const SLOW = { timeout: 20_000 }

describe.skipIf(isMissing)(name, () => {
  let workbook: WorkbookCopy
  let site: SiteServer
  let browser: Browser
  let page: Page
  let other: Server
  let mine: string

  beforeAll(async () => {
    workbook = copyWorkbook([SLUG])
    mine = join(workbook.root, 'labs', SLUG, 'mine.ts')
    site = await startSite(workbook.root)
    other = createServer((_request, response) => { response.setHeader('Content-Type', 'text/html').end(foreignPage) }).listen(0)
    browser = await warmBrowser()
    page = await browser.newPage()
    await page.goto(`${site.origin}/${SLUG}/`)
    await page.locator('.lab-panel').getByRole('button', { name: 'Begin the lab' }).waitFor(SLOW)
  })

  afterAll(async () => {
    other.close()
    await closeBrowser()
    await site.stop()
    workbook.remove()
  })

  test.each(['127.0.0.1', 'localhost'])('a page of another port, at %s, runs no lab and reads no file', async (host) => {
    const foreign = await browser.newPage()
    await foreign.goto(`http://${host}:${String((other.address() as AddressInfo).port)}/`)
    const token = await page.evaluate('document.querySelector(\'meta[name="workbook-session"]\').content')
    // The strongest case: it has guessed both tokens.
    const wsToken = /wsToken = "([^"]+)"/.exec(await (await page.request.get(`${site.origin}/@vite/client`)).text())?.[1] ?? ''
    const outcome = foreign.evaluate(`attack(${JSON.stringify({ origin: site.origin, slug: SLUG, token, wsToken })})`)
    expect(await outcome).toEqual({ read: 'refused', script: 'refused', module: 'refused', style: 'refused', window: 'cut off', socket: 'closed', editor: 'refused' })
    expect(foreign.frames().map((frame) => frame.url()).filter((url) => url.startsWith('http'))).toEqual([foreign.url()])
    await foreign.close()
    expect(existsSync(mine)).toBe(false)
  })

  test('what a program says is text in the page: no element, no title, no turned line', async () => {
    const dialogs: string[] = []
    page.on('dialog', (dialog) => { dialogs.push(dialog.message()); void dialog.dismiss() })
    mkdirSync(dirname(mine), { recursive: true })
    copyFileSync(join(ROOT, 'test', 'workbook', 'fixtures', 'obeyed', 'orders.ts'), join(dirname(mine), 'orders.ts'))
    const panel = page.locator('.lab-panel')
    const title = await page.title()
    for (const program of ['throws', 'answers']) {
      writeFileSync(mine, readFileSync(join(ROOT, 'test', 'workbook', 'fixtures', 'obeyed', `${program}.ts`)))
      await vi.waitFor(async () => { expect(await panel.locator(program === 'throws' ? '.problem-box' : '.failed-message').first().textContent({ timeout: 1_000 })).toContain('renamed') }, SLOW)
      await panel.locator('details').evaluateAll('(found) => found.forEach((details) => { details.open = true })')
      const text = await panel.textContent() ?? ''
      expect(text).toContain('<img src=x')
      expect(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.exec(text)).toBeNull()
      expect(await page.locator('img[src="x"], a[href*="elsewhere"]').count()).toBe(0)
      expect(await page.title()).toBe(title)
    }
    expect(dialogs).toEqual([])
    expect(ORDERS).toContain('document.title=1')
  })
})
