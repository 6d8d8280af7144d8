import type { Page } from 'playwright-core'

/** A page's controls; links lead away, and the folded texts are opened by `openDetails`. */
const CONTROLS = 'main :is(button, input, select, [role="button"], [role="slider"])'
/** How many times the page is looked through for controls that were not there before. */
const ROUNDS = 3

/** Scrolls through the page and points at each figure, so that what waits for the reader comes to life. */
export async function scrollThrough(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
      scrollTo(0, y)
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)))
    }
    scrollTo(0, 0)
    for (const part of document.querySelectorAll('.when-near')) part.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))
  })()`)
  await page.waitForLoadState('networkidle')
  // On a busy machine a script may have come and not have run yet.
  await page.waitForFunction("document.querySelector('.when-near:not([data-alive])') === null")
  await page.waitForTimeout(200)
}

/**
 * Opens all that is folded: hints, answers, recorded checks, tables.
 * @param except what stays folded, as a selector
 * @returns how many were opened
 */
export async function openDetails(page: Page, except = '.none'): Promise<number> {
  return page.evaluate<number>(`(() => {
    const closed = [...document.querySelectorAll('main details:not([open]) > summary')].filter((summary) => !summary.closest('${except}'))
    for (const summary of closed) summary.click()
    return closed.length
  })()`)
}

/**
 * Uses each figure, prediction, quiz and recorded run as a reader may: opens what is folded, presses each button,
 * chooses another option, moves each slider to its end.
 * @returns how many controls were used
 */
export async function usePage(page: Page): Promise<number> {
  await scrollThrough(page)
  await openDetails(page)
  let used = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = await page.evaluate<number>(USE_CONTROLS)
    used += now
    await openDetails(page)
    await page.waitForTimeout(100)
    if (now === 0) break
  }
  return used
}

/** What a reader sees while the page's first figure plays. */
export interface PlayedRun {
  lastsMs: number
  /** The times that stood beside the slider. */
  shown: string[]
  /** The times at which something happens, as stepping shows them. */
  moments: string[]
}

/** Plays the first figure's run from its beginning to its end, and then steps back through its moments. */
export async function playRun(page: Page): Promise<PlayedRun> {
  return page.evaluate<PlayedRun>(PLAY_RUN)
}

/** Runs in the page. A run that has ended offers to be played again. */
const PLAY_RUN = `(async () => {
  const player = document.querySelector('.figure .figure-player')
  const [back, play] = player.querySelectorAll('button')
  const time = player.querySelector('.figure-time')
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  const shown = new Set()
  const began = performance.now()
  play.click()
  do {
    await frame()
    shown.add(time.textContent)
  } while (play.textContent.includes('Pause') && performance.now() - began < 20_000)
  const lastsMs = performance.now() - began
  const moments = new Set([time.textContent])
  while (back.getAttribute('aria-disabled') !== 'true') {
    back.click()
    await frame()
    moments.add(time.textContent)
  }
  return { lastsMs, shown: [...shown], moments: [...moments] }
})()`

/** Runs in the page. Marks what it has used, so that a second round finds only what is new. */
const USE_CONTROLS = `(async () => {
  const fresh = [...document.querySelectorAll(${JSON.stringify(CONTROLS)})].filter((control) => !control.disabled && !('used' in control.dataset))
  for (const control of fresh) {
    control.dataset.used = ''
    if (control.type === 'range') control.value = control.max
    else if (control.localName === 'select') control.selectedIndex = control.options.length - 1
    else control.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, view: window }))
    if (control.type === 'range' || control.localName === 'select') {
      control.dispatchEvent(new Event('input', { bubbles: true }))
      control.dispatchEvent(new Event('change', { bubbles: true }))
    }
    await new Promise((done) => setTimeout(done, 5))
  }
  return fresh.length
})()`
