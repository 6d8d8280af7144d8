import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { filesUnder } from './built-pages.ts'
import { inOwnContext } from './visits.ts'

/** What one cold visit of a page costs. */
export interface Weight {
  /** Bytes over the wire, heads included, compressed as the server did. */
  bytes: number
  /** The largest first. */
  requests: { url: string; bytes: number }[]
}

/**
 * Opens the page as a first visitor and counts what comes over the wire until nothing more does. The service worker,
 * which comes later, is left out, and so is what a reader fetches by touching a figure.
 */
export async function coldWeight(browser: Browser, url: string): Promise<Weight> {
  return inOwnContext(browser, { serviceWorkers: 'block', viewport: { width: 1280, height: 900 } }, async (context) => {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    const urls = new Map<string, string>()
    const requests: Weight['requests'] = []
    session.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url))
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      requests.push({ url: urls.get(requestId) ?? '', bytes: encodedDataLength })
    })
    await session.send('Network.enable')
    await page.goto(url, { waitUntil: 'networkidle' })
    await page.waitForTimeout(500)
    requests.sort((left, right) => right.bytes - left.bytes)
    return { bytes: requests.reduce((sum, request) => sum + request.bytes, 0), requests }
  })
}

/** The figures' own chunks, by name, with their size after gzip. */
export function figureChunks(folder: string): { name: string; bytes: number }[] {
  return filesUnder(folder)
    .filter((file) => /^\w*Figure\.[\w-]+\.js$/.test(basename(file)))
    .map((file) => ({ name: basename(file), bytes: gzipSync(readFileSync(file)).length }))
}
