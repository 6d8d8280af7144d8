import type { Browser } from 'playwright-core'
import { findChromium } from './find.ts'

/** Nothing but what the page needs; the last two let WebRTC work on a machine with no network but loopback. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
]

let browser: Promise<Browser> | undefined

/**
 * The one browser of this process. It is kept between runs, because its start costs more than all the
 * rest of a run, until `closeBrowser()`.
 *
 * @throws Error when there is no Chromium, or when it does not start
 */
export async function warmBrowser(): Promise<Browser> {
  const running = await browser?.catch(() => undefined)
  if (running?.isConnected() === true) return running
  browser = launch()
  return browser
}

/** Ends the browser of this process, when there is one. */
export async function closeBrowser(): Promise<void> {
  const running = await browser?.catch(() => undefined)
  browser = undefined
  await running?.close()
}

async function launch(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('No Chromium was found on this machine; CHROMIUM_PATH can name one.')
  const { chromium } = await import('playwright-core')
  // Signals are for whoever owns this process: playwright would end it before the learner's programs are ended.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }
  return chromium.launch({ executablePath, args: ARGUMENTS, ...signals })
}
