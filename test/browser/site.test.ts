import { readFileSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { OPENINGS } from '../../docs/.vitepress/opening.ts'
import { findChromium } from '../harness/peers/browser/find.ts'
import { closeBrowser, warmBrowser } from '../harness/peers/browser/launch.ts'
import { axeFindings } from './site/axe.ts'
import { builtPages, deadLinks, filesUnder, type BuiltPage } from './site/built-pages.ts'
import { startBuiltSite, type BuiltSite } from './site/built-site.ts'
import { serveFolder } from './site/serve-folder.ts'
import { tabThrough } from './site/keyboard.ts'
import { putInOrder, readByKeyboard } from './site/keyboard-reader.ts'
import { openDetails, playRun, scrollThrough, usePage } from './site/use-page.ts'
import { inOwnContext, toColours, visitPage } from './site/visits.ts'
import { coldWeight, figureChunks } from './site/weight.ts'

/** A cold chapter page over the wire, and the largest chunk that a figure may bring. */
const MAX_PAGE_BYTES = 110_000
const MAX_FIGURE_BYTES = 4_000
const NARROW = { width: 320, height: 700 }
const WIDE = { width: 1280, height: 900 }
const TELEPHONE = { width: 390, height: 844 }
/** So much of a figure is seen before anybody scrolls: its title, and what can be set. */
const FIRST_SIGHT_PX = 150
/** A run is played in 4.5 s; the rest is for a busy machine's last frames. */
const PLAY_AT_MOST_MS = 5_500
const NOWHERE = '/nothing-here/at-all'
/** Every page, one after the other, on a busy machine. */
const LONG_MS = 240_000

let site: BuiltSite
let pages: BuiltPage[]
let chapters: string[]

beforeAll(async () => {
  site = await startBuiltSite()
  pages = builtPages(site.folder)
  chapters = pages.map(({ path }) => path).filter((path) => /^\/\d\d-/.test(path))
  if (chapters.length === 0) throw new Error(`The site in ${site.folder} has no chapters`)
}, LONG_MS)

afterAll(() => site.close())

describe('the built site', () => {
  test('has a title and a description of its own on every page, and one main landmark', () => {
    const addressed = pages.filter(({ path }) => path !== '/404.html')
    for (const { path, html } of pages) {
      expect(html.match(/<main[\s>]/g) ?? [], `main landmarks of ${path}`).toHaveLength(path === '/404.html' ? 0 : 1)
      expect(html, path).toMatch(/<html lang="en-GB"/)
    }
    for (const what of [/<title>(.*?)<\/title>/, /<meta name="description" content="(.*?)"/]) {
      const found = addressed.map(({ html }) => what.exec(html)?.[1] ?? '')
      expect(found.filter((text) => text === '')).toEqual([])
      expect(new Set(found).size, found.join('\n')).toBe(found.length)
    }
  })

  test('opens each chapter with what it gives, needs and takes, one statement each', () => {
    for (const { path, html } of pages.filter(({ path }) => chapters.includes(path))) {
      const opening = /<div class="opening">(.*?)<\/div>\s*<h2/s.exec(html)?.[1] ?? ''
      expect([...opening.matchAll(/<p><strong>(.*?)<\/strong> <span>\S/g)].map(([, words]) => words), path).toEqual(OPENINGS)
    }
  })

  test('has no dead link inside it, to a page, a file or a place on a page', () => {
    expect(pages.length).toBeGreaterThan(8)
    expect(deadLinks(site.folder, pages)).toEqual([])
  })

  test('ships no source map, no font and nothing for later from elsewhere', () => {
    const files = filesUnder(site.folder)
    expect(files.filter((file) => /\.(map|woff2?|ttf|otf)$/.test(file))).toEqual([])
    for (const file of files.filter((name) => /\.(js|css)$/.test(name))) {
      const text = readFileSync(file, 'utf8')
      expect(text, file).not.toMatch(/[#@] sourceMappingURL=/)
      expect(text, file).not.toMatch(/@font-face/)
    }
  })

  test(`brings each figure in at most ${String(MAX_FIGURE_BYTES)} bytes`, () => {
    for (const { name, bytes } of figureChunks(site.folder)) expect(bytes, name).toBeLessThanOrEqual(MAX_FIGURE_BYTES)
  })
})

const isMissing = findChromium() === null
const because = isMissing ? ' (skipped: no Chromium on this machine)' : ''

// The tests take turns with the few pages that are open at a time.
describe.skipIf(isMissing)(`the built site in Chromium${because}`, { concurrent: true, timeout: 2 * LONG_MS }, () => {
  let browser: Browser

  beforeAll(async () => { browser = await warmBrowser() })
  afterAll(() => closeBrowser())

  test('axe finds nothing on any page, at rest and used, light and dark; none scrolls sideways in a window of 320 pixels', async () => {
    const findings = await Promise.all([...pages.map(({ path }) => path), NOWHERE].map(async (path) => {
      const found: string[] = []
      await visit(path, { viewport: NARROW, colorScheme: 'dark' }, async (page) => {
        const note = async (when: string, rules?: 'colours'): Promise<void> => {
          found.push(...(await axeFindings(page, rules)).map((finding) => `${path} ${when}: ${finding}`))
        }
        const measure = async (when: string): Promise<void> => {
          await page.setViewportSize(NARROW)
          const width = await page.evaluate<number>('document.documentElement.scrollWidth')
          if (width > NARROW.width) found.push(`${path} ${when}: ${String(width)} pixels wide`)
          await page.setViewportSize(WIDE)
        }
        await measure('at rest')
        await note('at rest, dark', 'colours')
        await toColours(page, 'light')
        await note('at rest, light')
        const used = await usePage(page)
        if (chapters.includes(path)) expect(used, `controls of ${path}`).toBeGreaterThan(0)
        await note('used, light')
        await toColours(page, 'dark')
        await note('used, dark', 'colours')
        await measure('used')
      })
      return found
    }))
    expect(findings.flat()).toEqual([])
  })

  test('Tab goes through a whole chapter, to everything that can be used, in order, always seen, without a trap', async () => {
    await Promise.all([chapters[0]!, chapters.at(-1)!].map((path) => visit(path, { viewport: WIDE }, async (page) => {
      // What is unfolded may fetch something to unfold. Of the recorded runs of all checks, two stand for the rest.
      await scrollThrough(page)
      while (await openDetails(page, '.static-run li:nth-child(n + 3)') > 0) await scrollThrough(page)
      const { expected, reached, unseen } = await tabThrough(page)
      expect(expected.length, path).toBeGreaterThan(30)
      expect(reached, path).toEqual(expected)
      expect(unseen, path).toEqual([])
    })))
  })

  test('a whole chapter is read and used by the keyboard alone: each key changes something, and the focus is never lost', async () => {
    await eachChapter({ viewport: WIDE }, async (page, path) => {
      const { used, answered, problems } = await readByKeyboard(page)
      expect(problems, path).toEqual([])
      expect(used, path).toBeGreaterThan(20)
      expect(answered, `answers in ${path}`).toBe(await page.locator('.choice').count())
    })
  })

  test('Tab stops once at a diagram, and the arrow keys go from message to message', async () => {
    await visit(chapters[0]!, { viewport: WIDE }, async (page) => {
      await scrollThrough(page)
      const messages = page.locator('.sequence-picture').first().locator('.arrow')
      expect(await messages.count()).toBeGreaterThan(1)
      await messages.first().focus()
      const reached: number[] = []
      for (const key of ['ArrowDown', 'ArrowUp', 'ArrowUp', 'End', 'ArrowDown', 'Tab', 'Shift+Tab', 'Home']) {
        await page.keyboard.press(key)
        reached.push(await page.evaluate<number>('[...document.querySelector(\'.sequence-picture\').querySelectorAll(\'.arrow\')].indexOf(document.activeElement)'))
      }
      const last = await messages.count() - 1
      expect(reached).toEqual([1, 0, 0, last, last, -1, last, 0])
    })
  })

  test('what a reader does before the script for it has come happens once it has, and the page is not loaded anew', async () => {
    await visit(chapters[0]!, { viewport: WIDE, serviceWorkers: 'block' }, async (page) => {
      let letCome = (): void => undefined
      const mayCome = new Promise<void>((resolve) => { letCome = resolve })
      await page.route(/\/(Predict|Choice)\.[^/]*\.js$/, async (route) => {
        await mayCome
        await route.continue()
      })
      await page.reload({ waitUntil: 'networkidle' })
      await page.evaluate('globalThis.isSameVisit = true')
      const choice = page.locator('.when-near:not([data-alive]) > .choice').first()
      await choice.locator('input').nth(1).focus()
      await page.keyboard.press('Space')
      await page.keyboard.press('Enter')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      expect(await page.locator('.choice-said').count()).toBe(0)
      letCome()
      await page.locator('.choice-said').waitFor()
      expect(await page.evaluate<boolean>('isSameVisit')).toBe(true)
      expect(page.url()).not.toContain('?')
    })
  })

  test('lines are put in order by the keyboard alone, and what is said then has the focus', async () => {
    await visit(chapters[0]!, { viewport: WIDE }, async (page) => {
      await scrollThrough(page)
      expect(await putInOrder(page)).toEqual({ done: '✓ In order.', mixed: '↑' })
    })
  })

  test('nothing moves by itself, a run is played within 5 s, and who wants no motion sees its moments alone', async () => {
    await visit(chapters.at(-1)!, { viewport: WIDE, reducedMotion: 'no-preference' }, async (page) => {
      await scrollThrough(page)
      await vi.waitFor(async () => { expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0) }, { timeout: 5_000 })
      const smooth = await playRun(page)
      await page.emulateMedia({ reducedMotion: 'reduce' })
      const still = await playRun(page)
      expect(smooth.lastsMs).toBeLessThan(PLAY_AT_MOST_MS)
      expect(still.lastsMs).toBeLessThan(PLAY_AT_MOST_MS)
      expect(still.shown.filter((time) => !still.moments.includes(time))).toEqual([])
      expect(smooth.shown.filter((time) => !still.moments.includes(time)).length).toBeGreaterThan(0)
    })
  })

  test('after one visit everything works without a network, search included', async () => {
    const server = await serveFolder(site.folder)
    try {
      await inOwnContext(browser, { viewport: WIDE }, async (context) => {
        const page = await context.newPage()
        await page.goto(server.origin)
        await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
        const askedFor = server.vanish()
        for (const { path } of pages) {
          await page.goto(server.origin + path)
          expect(await page.locator('h1').first().textContent(), path).not.toBe('')
          await scrollThrough(page)
          expect(await page.evaluate<boolean>('[...document.images].every((image) => image.naturalWidth > 0)'), `pictures of ${path}`).toBe(true)
        }
        await page.goto(server.origin + NOWHERE)
        expect(await page.locator('h1').first().textContent()).toContain('Nothing on this frequency')
        await page.keyboard.press('/')
        await page.getByRole('searchbox').fill('back-pressure')
        await page.locator('.search-results a').first().waitFor()
        await page.keyboard.press('Enter')
        await page.waitForURL((url) => url.pathname !== NOWHERE)
        // The address changes first, then the page.
        await page.locator('main').getByText(/back-pressure/i).first().waitFor()
        // The browser itself asks whether there is a newer worker.
        expect(askedFor.filter((path) => path !== '/sw.js')).toEqual([])
      })
    } finally {
      await server.close()
    }
  })

  test(`a cold chapter page costs at most ${String(MAX_PAGE_BYTES)} bytes`, async () => {
    await Promise.all(chapters.map(async (path) => {
      const { bytes, requests } = await coldWeight(browser, site.origin + path)
      const largest = requests.slice(0, 12).map((request) => `${String(request.bytes)} ${request.url}`).join('\n')
      if (process.env['WEIGHTS'] !== undefined) console.log(`${path} ${String(bytes)}\n${largest}`)
      expect(bytes, `${path}\n${largest}`).toBeLessThanOrEqual(MAX_PAGE_BYTES)
    }))
  })

  test('the menus of a narrow window and the search box are right for axe, and close by Escape', async () => {
    await visit(chapters[0]!, { viewport: NARROW }, async (page) => {
      await page.getByRole('button', { name: 'Menu' }).first().click()
      expect(await axeFindings(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.reload({ waitUntil: 'networkidle' })
      await page.keyboard.press('/')
      await page.getByRole('searchbox').fill('server')
      await page.locator('.search-results a').first().waitFor()
      expect(await axeFindings(page)).toEqual([])
      await toColours(page, 'dark')
      expect(await axeFindings(page, 'colours')).toEqual([])
      await page.keyboard.press('ArrowDown')
      expect(await page.evaluate<string>('document.activeElement.localName')).toBe('a')
      await page.keyboard.press('Escape')
      // The dialog says that it has been closed a frame later.
      await page.locator('.search-box').waitFor({ state: 'detached' })
    })
  })

  test('the skip link is the first stop, and leads past the menus', async () => {
    await Promise.all(['/', chapters[0]!].map((path) => visit(path, { viewport: WIDE }, async (page) => {
      await page.keyboard.press('Tab')
      expect(await page.evaluate<string>('document.activeElement.textContent.trim()')).toBe('Skip to content')
      await page.keyboard.press('Enter')
      await page.waitForURL(/#VPContent$/)
      await page.keyboard.press('Tab')
      expect(await page.evaluate<boolean>('document.querySelector("main, #VPContent").contains(document.activeElement)')).toBe(true)
    })))
  })

  test('the first figure, or the run that surprises, begins in the first screen of a window and of a telephone', async () => {
    const late: string[] = []
    await eachChapter({ viewport: WIDE }, async (page, path) => {
      for (const viewport of [WIDE, TELEPHONE]) {
        await page.setViewportSize(viewport)
        const { y } = (await page.locator('.vp-doc :is(.figure, .recorded-run, div[class*="language-"])').first().boundingBox())!
        if (y > viewport.height - FIRST_SIGHT_PX) late.push(`${path} at ${String(viewport.width)}: ${String(Math.round(y))} pixels down`)
      }
    })
    expect(late).toEqual([])
  })

  test('without JavaScript a chapter keeps its text, its pictures and the answers behind its details', async () => {
    await eachChapter({ javaScriptEnabled: false, viewport: WIDE }, async (page, path) => {
      expect((await page.locator('main').innerText()).length, path).toBeGreaterThan(4_000)
      expect(await page.locator('main svg:visible').count(), path).toBeGreaterThan(0)
      const folded = page.locator('main details:not([open])').first()
      await folded.locator('summary').first().click()
      expect((await page.locator('main details[open]').first().innerText()).length, path).toBeGreaterThan(40)
    })
  })

  test('progress is kept in the browser, shown in the path and the sidebar, and forgotten on request', async () => {
    await visit(chapters[0]!, { viewport: WIDE }, async (page) => {
      await scrollThrough(page)
      await page.getByLabel('I have read this chapter').check()
      await expectText(page, '.VPSidebar [aria-current] .progress-mark', 'read')
      await page.getByLabel('My lab passes its checks').check()
      await page.reload()
      await expectText(page, '.VPSidebar [aria-current] .progress-mark', 'read, lab passed')
      await page.goto(site.origin)
      await expectText(page, '.path-progress', `1 of ${String(chapters.length)} chapters read, 1 of ${String(chapters.length)} labs passed`)
      await page.getByRole('button', { name: 'Forget my progress' }).click()
      await expectText(page, '.path-progress', 'Forgotten')
      expect(await page.locator('.progress-mark').count()).toBe(0)
      await page.getByRole('button', { name: 'Bring it back' }).click()
      await expectText(page, '.chapter-list .progress-mark', 'read, lab passed')
    })
  })

  test('on paper there are no menus, what is folded is open, and links tell their addresses', async () => {
    await eachChapter({ viewport: WIDE, colorScheme: 'dark' }, async (page, path) => {
      await page.emulateMedia({ media: 'print' })
      for (const menu of ['.VPNav', '.VPSidebar', '.VPDocFooter']) expect(await page.locator(menu).isVisible(), menu).toBe(false)
      const address = await page.evaluate<string>('getComputedStyle(document.querySelector(\'.vp-doc a[href^="https"]\'), "::after").content')
      expect(address).toContain('https://')
      await page.evaluate('dispatchEvent(new Event("beforeprint"))')
      expect(await page.locator('main details:not([open], .static-run *, .trace-text, .figure-data)').count(), path).toBe(0)
      expect((await page.pdf()).length).toBeGreaterThan(20_000)
    })
  })

  async function eachChapter(options: BrowserContextOptions, act: (page: Page, path: string) => Promise<void>): Promise<void> {
    await Promise.all(chapters.map((path) => visit(path, options, (page) => act(page, path))))
  }

  /** Opens a page in a context of its own, and refuses console errors and requests to anywhere else. */
  async function visit(path: string, options: BrowserContextOptions, act: (page: Page) => Promise<void>): Promise<void> {
    const expected = path === NOWHERE ? { expected: '404' } : {}
    expect(await visitPage(browser, { origin: site.origin, path, options, ...expected }, act), path).toEqual([])
  }
})

async function expectText(page: Page, selector: string, text: string): Promise<void> {
  await vi.waitFor(async () => { expect((await page.locator(selector).first().textContent())?.replace(/\s+/g, ' ')).toContain(text) }, { timeout: 5_000 })
}
