import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import { SETTLE_MS } from './live-runner.ts'
import { startSite } from '../browser/site-server.ts'

/** A chapter open in a real browser, with live checks. */
export interface LivePage {
  /** Writes the learner's file; resolves with the milliseconds until a check's row has changed and is painted. */
  saveAndSee(content: string): Promise<number>
  close(): Promise<void>
}

/**
 * Runs in the page, so it is text: the loader's helpers are not there. A row's state or its time changes only with a
 * result; the frame after that shows it, and its time is noted.
 */
const WATCH_ROWS = `
  const isResult = ({ type, target }) => type === 'attributes' || target.parentElement?.closest('.check-state')
  new MutationObserver((records) => {
    if (window.seenAt === undefined && records.some(isResult)) requestAnimationFrame(() => { window.seenAt ??= Date.now() })
  }).observe(document.querySelector('.check-rows'), { subtree: true, characterData: true, attributeFilter: ['data-state'] })
`

/** @param root a sandbox */
export async function startLivePage(root: string, executablePath: string, slug: string, firstContent: string): Promise<LivePage> {
  const mine = join(root, 'labs', slug, 'mine.ts')
  writeFileSync(mine, firstContent)
  const site = await startSite(root)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  const close = async (): Promise<void> => {
    await browser.close()
    await site.stop()
  }
  try {
    const page = await browser.newPage()
    await page.goto(`${site.origin}/${slug}/`)
    await page.waitForSelector('.check-row[data-state=passed]', { timeout: 60_000 })
    await sleep(SETTLE_MS)
    await page.evaluate(WATCH_ROWS)
    return { saveAndSee: (content) => saveAndSee(page, mine, content), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function saveAndSee(page: Page, mine: string, content: string): Promise<number> {
  await page.evaluate('window.seenAt = undefined')
  const beganAt = Date.now()
  writeFileSync(mine, content)
  await page.waitForFunction('window.seenAt !== undefined', undefined, { timeout: 30_000 })
  return (await page.evaluate<number>('window.seenAt')) - beganAt
}
