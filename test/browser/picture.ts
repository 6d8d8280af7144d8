/** `npm run picture`: takes the README's picture from the running site, with a lab half done. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { findChromium } from '../harness/peers/browser/find.ts'
import { makeSandbox } from '../bench/sandbox.ts'
import { startSite } from './site-server.ts'
import { findLab, ROOT } from '../harness/labs.ts'

const PICTURE = join(ROOT, 'docs', 'public', 'page-at-work.png')
const MAX_BYTES = 150 * 1024
/** The first that stays small enough is taken. */
const SIZES = [{ width: 1_180, height: 860 }, { width: 1_024, height: 760 }, { width: 900, height: 640 }]
/** A program with one mistake, as a learner would have it: one check fails and is open. */
const HALF_DONE = 'html-404.ts'

async function main(): Promise<void> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('The picture needs a Chromium; name one in the variable CHROMIUM_PATH.')
  const lab = findLab('01')
  const sandbox = makeSandbox()
  const mine = readFileSync(join(lab.folder, 'wrong', HALF_DONE), 'utf8')
  writeFileSync(join(sandbox.root, 'labs', lab.slug, 'mine.ts'), mine.replace(/^\/\/ Rejected by.*\n/, ''))
  const site = await startSite(sandbox.root)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const picture = await smallest(browser, `${site.origin}/${lab.slug}/`)
    mkdirSync(dirname(PICTURE), { recursive: true })
    writeFileSync(PICTURE, picture)
    console.log(`Wrote docs/public/page-at-work.png, ${String(Math.round(picture.length / 1024))} kB`)
  } finally {
    await browser.close()
    await site.stop()
    sandbox.remove()
  }
}

async function smallest(browser: Browser, url: string): Promise<Buffer> {
  for (const viewport of SIZES) {
    const page = await browser.newPage({ viewport, reducedMotion: 'reduce', colorScheme: 'light' })
    await page.goto(url)
    const failed = page.locator('.check-row[data-state=failed] details[open]').first()
    await failed.waitFor({ timeout: 60_000 })
    await page.evaluate("document.querySelector('.check-row[data-state=failed]').scrollIntoView({ block: 'start' }); scrollBy(0, -260)")
    await page.waitForTimeout(500)
    const picture = await page.screenshot({ type: 'png' })
    await page.close()
    if (picture.length <= MAX_BYTES) return picture
  }
  throw new Error(`Each picture is larger than ${String(MAX_BYTES)} bytes`)
}

await main()
