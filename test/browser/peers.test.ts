import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ROOT } from '../harness/labs.ts'
import { createLauncher } from '../harness/launcher/launcher.ts'
import { browserPeer } from '../harness/peers/browser/index.ts'
import { findChromium } from '../harness/peers/browser/find.ts'
import { closeBrowser, warmBrowser } from '../harness/peers/browser/launch.ts'
import type { Program } from '../harness/types/index.ts'
import { startSite, type SiteServer } from './site-server.ts'
import { copyWorkbook, type WorkbookCopy } from './workbook-copy.ts'

const MEETING_POINT = '09-meeting-point'
const TWO_PEERS = '10-two-peers'
const ROOM = 'studio'
const isMissing = findChromium() === null
const because = isMissing ? ' (skipped: no Chromium on this machine)' : ''
/** A lab of peers takes its time, more so on a busy machine. */
const SLOW = { timeout: 60_000, interval: 50 }

describe.skipIf(isMissing)(`a page in Chromium as a peer of the labs' programs${because}`, () => {
  const launcher = createLauncher()

  afterAll(async () => {
    await launcher.close()
    await closeBrowser()
  })

  test('joins through lab 09\'s program, links with lab 10\'s, and each asks the other', async () => {
    const station = await start(MEETING_POINT, {})
    const signalUrl = `http://127.0.0.1:${String(station.port)}`
    const ada = await start(TWO_PEERS, { SIGNAL_URL: signalUrl, ROOM, NAME: 'ada', LINK_TO: '' })
    const local = `http://127.0.0.1:${String(ada.port)}`
    await joined(signalUrl, 'ada')
    const song = Buffer.from('a sea shanty')
    const page = await browserPeer({ signalUrl, room: ROOM, name: 'page', callee: 'ada', library: { song } })
    try {
      const theirs = await page.ask('/about')
      expect(theirs.status).toBe(200)
      expect(JSON.parse(Buffer.from(theirs.body).toString())).toEqual({ name: 'ada' })
      await vi.waitFor(async () => { expect(await names(`${local}/peers`)).toEqual(['page']) }, SLOW)
      expect(await (await fetch(`${local}/peers/page/about`)).json()).toEqual({ name: 'page' })
      expect(await (await fetch(`${local}/peers/page/library/song`)).text()).toBe('a sea shanty')
      await station.stop()
      expect((await page.ask('/about')).status).toBe(200)
    } finally {
      await page.close()
    }
  })

  function start(slug: string, env: Record<string, string>): Promise<Program> {
    const file = join(ROOT, 'labs', slug, 'solution.ts')
    return launcher.start({ target: { kind: 'file', file }, cwd: ROOT, env, preload: [] })
  }
})

describe.skipIf(isMissing).each([
  { slug: MEETING_POINT, wrong: 'broadcasts-signals', check: 'reaches-one', speakers: ['client', 'server'], message: /signal/ },
  { slug: TWO_PEERS, wrong: 'takes-anyones-answer', check: 'answers-of-others-ignored', speakers: ['ada', 'liar-'], message: /request .+\/library/ },
])(`the live page of $slug${because}`, ({ slug, wrong, check, speakers, message }) => {
  let workbook: WorkbookCopy
  let site: SiteServer
  let browser: Browser
  let page: Page
  let panel: Locator

  beforeAll(async () => {
    workbook = copyWorkbook([slug])
    site = await startSite(workbook.root)
    browser = await warmBrowser()
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(`${site.origin}/${slug}/`)
    panel = page.locator('.lab-panel')
  })

  afterAll(async () => {
    await closeBrowser()
    await site.stop()
    workbook.remove()
  })

  test('is begun, and all green with the reference', async () => {
    const mine = join(workbook.root, 'labs', slug, 'mine.ts')
    await panel.getByRole('button', { name: 'Begin the lab' }).click(SLOW)
    await vi.waitFor(() => { expect(existsSync(mine)).toBe(true) }, SLOW)
    writeFileSync(mine, readFileSync(join(workbook.root, 'labs', slug, 'solution.ts')))
    await vi.waitFor(async () => { expect(await panel.locator('.lab-summary').textContent()).toContain('The lab is done') }, SLOW)
    expect(await panel.locator('.check-row:not([data-state=passed])').count()).toBe(0)
  })

  test('shows the conversation of a check that fails, between those who had it', async () => {
    const lab = join(workbook.root, 'labs', slug)
    // One folder nearer to what it imports.
    writeFileSync(join(lab, 'mine.ts'), readFileSync(join(lab, 'wrong', `${wrong}.ts`), 'utf8').replaceAll("'../../shared/", "'../shared/"))
    const row = panel.locator(`[data-check="${check}"]`)
    await vi.waitFor(async () => { expect(await row.getAttribute('data-state')).toBe('failed') }, SLOW)
    const shown = await row.locator('.participant').allTextContents()
    for (const speaker of speakers) expect(shown.some((name) => name.startsWith(speaker)), `${speaker} among ${shown.join(', ')}`).toBe(true)
    expect((await row.locator('.arrow-label').allTextContents()).join('\n')).toMatch(message)
    expect(await row.locator('.sequence-note').first().textContent()).toMatch(/◀ the (first message that differs|last answer)/)
  })
})

/** Waits until a peer of that name is in the room, as each newcomer is told. */
async function joined(signalUrl: string, name: string): Promise<void> {
  await vi.waitFor(async () => {
    const reply = await fetch(`${signalUrl}/rooms/${ROOM}/peers`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: `look-${String(Date.now())}` }),
    })
    const { id, token, peers } = (await reply.json()) as { id: string; token: string; peers: { name: string }[] }
    await fetch(`${signalUrl}/rooms/${ROOM}/peers/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } })
    expect(peers.map((peer) => peer.name)).toContain(name)
  }, { ...SLOW, interval: 200 })
}

async function names(url: string): Promise<string[]> {
  const peers = (await (await fetch(url)).json()) as { name: string }[]
  return peers.map(({ name }) => name)
}
