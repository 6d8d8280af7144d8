import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findChromium } from '../harness/peers/browser/find.ts'
import { closeBrowser, warmBrowser } from '../harness/peers/browser/launch.ts'
import { ROOT } from '../harness/labs.ts'
import { processesUnder } from './process-tree.ts'
import { startSite, type SiteServer } from './site-server.ts'
import { copyWorkbook, type WorkbookCopy } from './workbook-copy.ts'

const SLUG = '00-warm-up'
const isMissing = findChromium() === null
const name = isMissing ? 'the live page (skipped: no Chromium on this machine)' : 'the live page'
const SLOW = { timeout: 20_000 }

describe.skipIf(isMissing)(name, () => {
  let workbook: WorkbookCopy
  let site: SiteServer
  let browser: Browser
  let page: Page
  let panel: Locator
  let mine: string
  let right: string
  const asked = new Set<string>()
  /** `PICTURES=folder` keeps the screenshots, for people to look at. */
  const pictures = process.env['PICTURES'] ?? mkdtempSync(join(tmpdir(), 'harbour-pictures-'))

  beforeAll(async () => {
    workbook = copyWorkbook([SLUG])
    // As in a chapter whose lab was not recorded yet: all that follows holds for it, too.
    rmSync(join(workbook.root, 'docs', SLUG, 'recorded-run.json'))
    mine = join(workbook.root, 'labs', SLUG, 'mine.ts')
    right = readFileSync(join(workbook.root, 'labs', SLUG, 'solution.ts'), 'utf8')
    site = await startSite(workbook.root)
    browser = await warmBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('request', (sent) => asked.add(new URL(sent.url()).origin))
    await page.goto(`${site.origin}/${SLUG}/`)
    panel = page.locator('.lab-panel')
  })

  afterAll(async () => {
    await closeBrowser()
    await site.stop()
    workbook.remove()
    if (process.env['PICTURES'] === undefined) rmSync(pictures, { recursive: true })
  })

  test('the lab is begun by its button, and the starter\'s first failing check tells its story', async () => {
    await panel.getByRole('button', { name: 'Begin the lab' }).click(SLOW)
    const check = row('says-on-air')
    await shows(check, 'failed')
    expect(await check.locator('.story li').last().textContent()).toContain('✗')
    expect(await check.locator('.values').textContent()).toContain('off the air')
    expect(await check.locator('.copy-text code').textContent()).toContain('curl')
    expect(await check.locator('.sequence-picture .arrow').count()).toBeGreaterThanOrEqual(2)
    await vi.waitFor(async () => {
      expect(await panel.locator('.lab-summary').textContent()).toMatch(/^\s*\d+ of \d+ checks pass, [\d.]+ m?s/)
    }, SLOW)
  })

  test('a run that is not recorded leaves the page as it is, with the command that records it', async () => {
    expect(await page.locator('.not-recorded').textContent()).toContain('npm run record 00')
    expect(await page.locator('.lab-error').count()).toBe(0)
    cpSync(join(ROOT, 'docs', SLUG, 'recorded-run.json'), join(workbook.root, 'docs', SLUG, 'recorded-run.json'))
    await page.locator('.recorded-run .sequence-picture').waitFor(SLOW)
    await shows(row('says-on-air'), 'failed')
  })

  test('hints open one by one and a message of the diagram opens, by keyboard alone', async () => {
    const check = row('says-on-air')
    expect(await check.locator('.hint-list li').count()).toBe(0)
    for (const count of [1, 2, 3]) {
      const button = check.locator('.hints button')
      await button.focus()
      await page.keyboard.press('Enter')
      await vi.waitFor(async () => { expect(await check.locator('.hint-list li').count()).toBe(count) })
    }
    await check.locator('.arrow').last().focus()
    await page.keyboard.press('Enter')
    expect(await check.locator('.sequence-detail .event-head').textContent()).toContain('HTTP/1.1 200')
  })

  test('nothing is cut off at 320 and 1280 pixels, light and dark', async () => {
    for (const width of [320, 1280]) {
      for (const scheme of ['light', 'dark']) {
        await page.setViewportSize({ width, height: 900 })
        await page.evaluate(`document.documentElement.classList.toggle('dark', ${String(scheme === 'dark')})`)
        await panel.screenshot({ path: join(pictures, `failed-${String(width)}-${scheme}.png`) })
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      }
    }
    await page.evaluate('document.documentElement.classList.remove("dark")')
  })

  test('the page flips to green on a save, and back on the next', async () => {
    writeFileSync(mine, right)
    await shows(row('says-on-air'), 'passed')
    await vi.waitFor(async () => { expect(await panel.locator('.lab-summary').textContent()).toContain('The lab is done') }, SLOW)
    writeFileSync(mine, right.replace('is on the air', 'is <img src=x onerror=alert(1)> on the air'))
    await shows(row('says-on-air'), 'failed')
    expect(await row('says-on-air').textContent()).toContain('<img src=x onerror=alert(1)>')
    expect(await panel.locator('img').count()).toBe(0)
  })

  test('a closed gate is shown on top, with file and line, and the next save is judged normally', async () => {
    writeFileSync(mine, `${right}\nconst = 5\n`)
    const problem = panel.locator('.lab-summary + .problem-box, .problem-box').first()
    await vi.waitFor(async () => { expect(await problem.getAttribute('data-problem')).toBe('syntax-error') }, SLOW)
    expect(await problem.locator('.problem-place').textContent()).toMatch(/labs\/00-warm-up\/mine\.ts:\d+/)
    writeFileSync(mine, right)
    await shows(row('says-on-air'), 'passed')
    expect(await panel.locator('.problem-box').count()).toBe(0)
  })

  test('reset asks first, keeps the work as a version, and restore brings it back', async () => {
    const work = `${right}\n// all mine\n`
    writeFileSync(mine, work)
    await panel.getByRole('button', { name: 'Back to the starter …' }).click()
    await page.keyboard.press('Escape')
    expect(readFileSync(mine, 'utf8')).toBe(work)
    await panel.getByRole('button', { name: 'Back to the starter …' }).click()
    await panel.getByRole('button', { name: 'Back to the starter', exact: true }).click()
    await shows(row('says-on-air'), 'failed')
    expect(readFileSync(mine, 'utf8')).toBe(readFileSync(join(workbook.root, 'labs', SLUG, 'starter.ts'), 'utf8'))
    await panel.locator('.versions summary').click()
    const kept = panel.locator('.version-list li', { hasText: 'before a reset' }).first()
    await kept.getByRole('button', { name: /^(Restore|Replace)/ }).click()
    await kept.getByRole('button', { name: /^(Restore|Replace)/ }).click()
    await shows(row('says-on-air'), 'passed')
    expect(readFileSync(mine, 'utf8')).toBe(work)
  })

  test('the page asks nobody but its own server', () => {
    expect([...asked].filter((origin) => !origin.startsWith('data'))).toEqual([site.origin])
  })

  test('another page can neither read the session nor open the socket', async () => {
    const other = createServer((_request, response) => { response.end('<title>elsewhere</title>') }).listen(0, '127.0.0.1')
    const foreign = await browser.newPage()
    try {
      await foreign.goto(`http://localhost:${String((other.address() as AddressInfo).port)}/`)
      const outcome = await foreign.evaluate(async (origin) => {
        const text = await fetch(origin).then((reply) => reply.text()).catch(() => 'refused')
        const socket = new WebSocket(origin.replace('http', 'ws'), 'vite-hmr')
        const end = await new Promise((resolve) => { socket.onclose = () => { resolve('closed') }; socket.onmessage = () => { resolve('open') } })
        return [text, end]
      }, site.origin)
      expect(outcome).toEqual(['refused', 'closed'])
    } finally {
      await foreign.close()
      other.close()
    }
  })

  test('a foreign host name, a socket without an origin and the editor\'s door are refused', async () => {
    expect((await ask('/', { host: 'station.example' })).statusCode).toBe(403)
    const file = encodeURIComponent('/etc/passwd')
    expect((await ask(`/__open-in-editor?file=${file}`, {})).statusCode).toBe(403)
    expect((await ask(`/__open-in-editor?file=${file}`, { 'sec-fetch-site': 'same-origin' })).statusCode).toBe(403)
    expect(await socketWithoutOrigin()).toBe('refused')
  })

  test('a message without the session\'s token does nothing', async () => {
    const before = readFileSync(mine, 'utf8')
    await page.evaluate('document.querySelector(\'meta[name="workbook-session"]\').content = "guessed"')
    await panel.getByRole('button', { name: 'Back to the starter …' }).click()
    await panel.getByRole('button', { name: 'Back to the starter', exact: true }).click()
    await page.waitForTimeout(500)
    expect(readFileSync(mine, 'utf8')).toBe(before)
    await page.reload()
    await shows(row('says-on-air'), 'passed')
  })

  test.skipIf(process.platform !== 'linux')('a judge that dies is started again, and the page goes on', async () => {
    const runner = runnerPid()
    process.kill(runner, 'SIGKILL')
    await vi.waitFor(() => { expect(runnerPid()).not.toBe(runner) }, SLOW)
    writeFileSync(mine, right.replace('on the air', 'in the air'))
    await shows(row('says-on-air'), 'failed')
  })

  test.skipIf(process.platform !== 'linux')('nothing is left when the site is killed', async () => {
    expect(runnerPid()).toBeGreaterThan(0)
    site.process.kill('SIGKILL')
    await vi.waitFor(() => { expect([...processesUnder(workbook.root).values()]).toEqual([]) }, { timeout: 8_000, interval: 100 })
    await vi.waitFor(async () => { expect(await panel.textContent()).toContain('The site’s server has gone') }, SLOW)
  })

  function row(check: string): Locator {
    return panel.locator(`[data-check="${check}"]`)
  }

  async function shows(check: Locator, state: string): Promise<void> {
    await vi.waitFor(async () => { expect(await check.getAttribute('data-state', { timeout: 1_000 })).toBe(state) }, { ...SLOW, interval: 20 })
  }

  function runnerPid(): number {
    const runners = [...processesUnder(workbook.root)].filter(([, line]) => line.endsWith(join('runner', 'main.ts')))
    return runners[0]?.[0] ?? 0
  }

  async function ask(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      request(`${site.origin}${path}`, { headers }, (reply) => { resolve(reply.resume()) }).on('error', reject).end()
    })
  }

  async function socketWithoutOrigin(): Promise<string> {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Protocol': 'vite-hmr', 'Sec-WebSocket-Key': 'aGFyYm91ciByYWRpbyAwMA==' }
    return new Promise((resolve) => {
      const sent = request(site.origin, { headers }, () => { resolve('refused') })
      sent.on('upgrade', (_reply, socket) => {
        socket.resume().on('close', () => { resolve('closed') })
        setTimeout(() => { resolve('open') }, 3_000)
      })
      sent.on('error', () => { resolve('refused') }).end()
    })
  }
})
