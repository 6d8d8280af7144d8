import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findChromium } from '../harness/peers/browser/find.ts'
import { closeBrowser, warmBrowser } from '../harness/peers/browser/launch.ts'
import { startSite, type SiteServer } from './site-server.ts'
import { copyWorkbook, type WorkbookCopy } from './workbook-copy.ts'

const SLUG = '01-request-response'
const CHECK = '404-json'
const SLOW = { timeout: 30_000, interval: 50 }
const isMissing = findChromium() === null
const name = isMissing ? 'the lab panel (skipped: no Chromium on this machine)' : 'the lab panel'

describe.skipIf(isMissing)(name, () => {
  let workbook: WorkbookCopy
  let site: SiteServer
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let panel: Locator
  let mine: string
  let right: string
  let wrong: string

  beforeAll(async () => {
    workbook = copyWorkbook([SLUG])
    const folder = join(workbook.root, 'labs', SLUG)
    mine = join(folder, 'mine.ts')
    right = readFileSync(join(folder, 'solution.ts'), 'utf8')
    wrong = readFileSync(join(folder, 'wrong', 'html-404.ts'), 'utf8').replace(/^\/\/ Rejected by.*\n/, '')
    writeFileSync(mine, wrong)
    site = await startSite(workbook.root)
    browser = await warmBrowser()
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.origin })
    page = await context.newPage()
    await page.goto(`${site.origin}/${SLUG}/`)
    panel = page.locator('.lab-panel')
    await shows(CHECK, 'failed')
    await settled()
  })

  afterAll(async () => {
    await context.close()
    await closeBrowser()
    await site.stop()
    workbook.remove()
  })

  test('the letters do nothing outside the panel; Alt+L leads into it', async () => {
    await page.keyboard.press('Shift+Slash')
    expect(await panel.locator('.key-list').getAttribute('open')).toBeNull()
    await page.keyboard.press('Alt+l')
    expect(await focused('class')).toContain('live-panel')
    await page.keyboard.press('Shift+Slash')
    expect(await panel.locator('.key-list').getAttribute('open')).not.toBeNull()
    // With a modifier a letter is the browser's, or the reader's own.
    await page.keyboard.press('Control+v')
    expect(await panel.locator('.versions details').getAttribute('open')).toBeNull()
  })

  test('N leads to the failed check, H to its three hints one by one, and the focus stays in the panel', async () => {
    await page.keyboard.press('Alt+l')
    await page.keyboard.press('n')
    expect(await page.evaluate('document.activeElement.closest("[data-check]").dataset.check')).toBe(CHECK)
    for (const count of [1, 2, 3]) {
      await page.keyboard.press('h')
      await vi.waitFor(async () => { expect(await row(CHECK).locator('.hint-list li').count()).toBe(count) })
    }
    expect(await row(CHECK).locator('.hints button').count()).toBe(0)
    expect(await focused('class')).toContain('hint-list')
  })

  test('C copies the curl command, and says so', async () => {
    await page.keyboard.press('c')
    await spoken('Copied.')
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^curl -i http:\/\/localhost:3000\//)
  })

  test('R sends the failed check\'s messages to the program again, and finds the same answer', async () => {
    await page.keyboard.press('r')
    await spoken('The same 2 answers as in the failed run.')
    const replay = row(CHECK).locator('.replay')
    const answers = await replay.locator('.replayed-answers pre').allTextContents()
    expect(answers).toHaveLength(4)
    for (const status of ['201 Created', '404 Not Found']) {
      expect(answers.filter((answer) => answer.includes(`HTTP/1.1 ${status}`)), 'in the failed run, and now').toHaveLength(2)
    }
    expect(await replay.locator('.replayed-output').textContent()).toContain('The guide is at')
    expect(await replay.locator('.replayed-trace').textContent()).toContain('The replay as a sequence diagram')
  })

  test('expected and actual are set one below the other', async () => {
    const [expected, actual] = await row(CHECK).locator('.failed-check > .values pre').all()
    expect(await expected!.textContent()).toBe('application/json')
    expect((await expected!.boundingBox())!.x).toBe((await actual!.boundingBox())!.x)
  })

  test('the reference is a spoiler: it asks first, and shows the difference only then', async () => {
    await page.keyboard.press('d')
    await panel.getByRole('button', { name: 'Let me go on' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await panel.locator('.diff').count()).toBe(0)
    await page.keyboard.press('d')
    await panel.getByRole('button', { name: 'Show the reference' }).click()
    await panel.locator('.reference-diff .diff').waitFor()
    expect(await panel.locator('.reference-diff .diff-line.added').count()).toBeGreaterThan(0)
    expect(await panel.locator('.reference-diff').textContent()).not.toContain('#region')
    await spoken(/\d+ lines? added, \d+ removed\./)
    await page.keyboard.press('d')
    await vi.waitFor(async () => { expect(await panel.locator('.diff').count()).toBe(0) })
  })

  test('a server that is asked for the reference without being asked to spoil it refuses', async () => {
    const forged = await page.evaluate<{ type: string; text?: string; problem?: string; replay?: { kind: string; reason: string } }[]>(`(async () => {
      const token = document.querySelector('meta[name="workbook-session"]').content
      const vite = await (await fetch('/@vite/client')).text()
      const wsToken = /wsToken = "([^"]+)"/.exec(vite)[1]
      const socket = new WebSocket(location.origin.replace('http', 'ws') + '/?token=' + wsToken, 'vite-hmr')
      const answers = []
      const ask = (sent, message) => socket.send(JSON.stringify({ type: 'custom', event: 'workbook:page', data: { token: sent, message } }))
      return new Promise((resolve) => {
        setTimeout(() => resolve(answers), 3000)
        socket.onmessage = ({ data }) => {
          const told = JSON.parse(data)
          if (told.type === 'connected') {
            ask('guessed', { type: 'diff', slug: '${SLUG}', against: 'solution', isSpoilerWanted: true })
            ask('guessed', { type: 'replay', slug: '${SLUG}', check: '${CHECK}' })
            ask(token, { type: 'diff', slug: '${SLUG}', against: '../../../etc/passwd' })
            ask(token, { type: 'replay', slug: '${SLUG}', check: '../' })
            ask(token, { type: 'replay', slug: '${SLUG}', check: 'no-such-check' })
            ask(token, { type: 'diff', slug: '${SLUG}', against: 'solution' })
          }
          if (told.event === 'workbook:server' && ['diff', 'replay'].includes(told.data.type)) answers.push(told.data)
        }
      })
    })()`)
    expect(forged).toHaveLength(2)
    expect(forged.find(({ type }) => type === 'replay')?.replay?.reason).toContain('no failed run')
    const diff = forged.find(({ type }) => type === 'diff')
    expect(diff?.text).toBe('')
    expect(diff?.problem).toContain('once the lab is done')
  })

  test('a run is said once, in a sentence', async () => {
    await page.evaluate(`window.said = []; new MutationObserver(() => window.said.push(document.querySelector('.lab-spoken').textContent))
      .observe(document.querySelector('.lab-spoken'), { childList: true, characterData: true, subtree: true })`)
    writeFileSync(mine, right)
    await shows(CHECK, 'passed')
    await spoken(/^\d+ of \d+ checks pass\. The lab is done\.$/)
    await settled()
    expect(await page.evaluate('window.said.length')).toBe(1)
  })

  test('once the lab is done, the reference is shown without a question', async () => {
    await page.keyboard.press('Alt+l')
    await page.keyboard.press('d')
    await vi.waitFor(async () => { expect(await panel.locator('.reference-diff').textContent()).toContain('There is no difference') }, SLOW)
    await page.keyboard.press('d')
  })

  test('each save is kept with its verdict; its changes can be seen; one key leads back to the last green', async () => {
    expect(await panel.getByRole('button', { name: 'Back to the last green' }).count()).toBe(0)
    const spoilt = right.replace('.status(201)', '.status(200)')
    writeFileSync(mine, spoilt)
    await shows('creates-with-location', 'failed')
    await settled()
    const back = panel.getByRole('button', { name: 'Back to the last green' })
    await back.waitFor()
    await page.keyboard.press('Alt+l')
    await page.keyboard.press('v')
    const green = panel.locator('.version-list li', { has: page.locator('.version-verdict.green') }).first()
    expect(await green.textContent()).toMatch(/✓ (\d+) of \1 passed/)
    await green.getByRole('button', { name: /^Changes since/ }).click()
    await green.locator('.diff-line.added').waitFor()
    expect(await green.locator('.diff-line.added').textContent()).toContain('.status(200)')
    expect(await green.locator('.diff-line.removed').textContent()).toContain('.status(201)')
    await page.keyboard.press('g')
    await shows('creates-with-location', 'passed')
    expect(readFileSync(mine, 'utf8')).toBe(right)
    await vi.waitFor(async () => { expect(await panel.locator('.version-list').textContent()).toMatch(/saved|before a restore/) })
    const kept = await page.evaluate<string[]>('[...document.querySelectorAll(".version-list li")].map((item) => item.dataset.version)')
    const contents = kept.map((number) => readFileSync(join(workbook.root, '.workbook', 'history', SLUG, number, 'mine.ts'), 'utf8'))
    expect(contents).toContain(spoilt)
  })

  test('a replay whose answer differs marks the first difference', async () => {
    // Answers right, then wrong ever after: whatever the failed run saw, the next one sees otherwise.
    const moody = right.replace('.status(201)', '.status([200, 202][Math.floor(Date.now() / 1_000) % 2] ?? 200)')
    expect(moody).not.toBe(right)
    writeFileSync(mine, moody)
    await shows('creates-with-location', 'failed')
    await settled()
    const replay = row('creates-with-location').locator('.replay')
    await page.evaluate('document.querySelector("[data-check=creates-with-location] details").open = true')
    await vi.waitFor(async () => {
      await replay.getByRole('button', { name: 'Replay' }).click()
      await replay.locator('.replay-sentence').waitFor()
      expect(await replay.locator('.replay-sentence').textContent()).toContain('first in the status line')
    }, { timeout: 30_000, interval: 700 })
    expect(await replay.locator('.replayed-answers mark').count()).toBe(2)
    expect(await replay.locator('details[open] > .replayed-answers mark').first().textContent()).toMatch(/^[02]$/)
  })

  function row(check: string): Locator {
    return panel.locator(`[data-check="${check}"]`)
  }

  async function shows(check: string, state: string): Promise<void> {
    await vi.waitFor(async () => { expect(await row(check).getAttribute('data-state', { timeout: 1_000 })).toBe(state) }, SLOW)
  }

  /** Waits until the run is through and kept. */
  async function settled(): Promise<void> {
    await vi.waitFor(async () => { expect(await panel.locator('.lab-summary').getAttribute('aria-busy')).toBe('false') }, SLOW)
    await page.waitForTimeout(300)
  }

  async function spoken(sentence: string | RegExp): Promise<void> {
    await vi.waitFor(async () => {
      const said = (await panel.locator('.lab-spoken').textContent())?.replace('\u00a0', '') ?? ''
      if (typeof sentence === 'string') expect(said).toBe(sentence)
      else expect(said).toMatch(sentence)
    }, SLOW)
  }

  async function focused(attribute: string): Promise<string> {
    return page.evaluate<string>(`document.activeElement?.getAttribute(${JSON.stringify(attribute)}) ?? ''`)
  }
})
