import pLimit from 'p-limit'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

/** So many pages are open at a time. More only wait for a processor, and then for each other. */
const PAGES_AT_ONCE = 3
const oneOfFew = pLimit(PAGES_AT_ONCE)

export interface Visit {
  origin: string
  path: string
  options: BrowserContextOptions
  /** Text of a console message that this page is meant to have. */
  expected?: string
}

/**
 * Opens a page in a context of its own and acts on it, once one of the few places is free.
 * @returns what went wrong by the page's own account, one sentence each: console errors and warnings, exceptions, requests to anywhere else
 */
export async function visitPage(browser: Browser, visit: Visit, act: (page: Page) => Promise<void>): Promise<string[]> {
  return inOwnContext(browser, { reducedMotion: 'reduce', ...visit.options }, async (context) => {
    const problems: string[] = []
    context.on('request', (request) => { if (!isOwn(request.url(), visit.origin)) problems.push(`asks ${request.url()}`) })
    const page = await context.newPage()
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      const isExpected = visit.expected !== undefined && message.text().includes(visit.expected)
      if (['error', 'warning'].includes(message.type()) && !isExpected) problems.push(message.text())
    })
    await page.goto(visit.origin + visit.path, { waitUntil: 'networkidle' })
    // On a busy machine the page's script may have come and not have run yet: Vue notes what it has brought to life.
    if (visit.options?.javaScriptEnabled !== false) await page.waitForFunction('document.querySelector("#app")?._vnode !== undefined')
    await act(page)
    return problems
  })
}

/** Acts in a context of its own, once one of the few places is free; afterwards the context is closed. */
export async function inOwnContext<T>(browser: Browser, options: BrowserContextOptions, act: (context: BrowserContext) => Promise<T>): Promise<T> {
  return oneOfFew(async () => {
    const context = await browser.newContext(options)
    try {
      return await act(context)
    } finally {
      await context.close()
    }
  })
}

/** Switches between light and dark, and waits until the colours, which change gradually, have changed. */
export async function toColours(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.waitForFunction(`document.documentElement.classList.contains('dark') === ${String(colorScheme === 'dark')}`)
  await page.evaluate(`new Promise((done) => requestAnimationFrame(done))
    .then(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)))
    .then(() => undefined)`)
}

function isOwn(url: string, origin: string): boolean {
  return url.startsWith(origin) || url.startsWith('data:')
}
