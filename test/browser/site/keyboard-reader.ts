import type { Locator, Page } from 'playwright-core'

/** What a reader without a mouse met in a page, in sentences where something was wrong. */
export interface ReadingByKeyboard {
  /** How many controls were used. */
  used: number
  /** How many predictions and questions were answered. */
  answered: number
  problems: string[]
}

/** What has the focus. */
interface Focus {
  name: string
  kind: 'radio' | 'checkbox' | 'select' | 'range' | 'button' | 'summary' | 'other'
  /** Pressed once already, or says that it does nothing now. */
  isDone: boolean
}

const MAX_STOPS = 2_000
/** More than a loop within a part of the page has. */
const SHOWN_STOPS = 40
const KEYS: Record<Focus['kind'], string> = {
  radio: 'ArrowDown', checkbox: 'Space', select: 'ArrowDown', range: 'ArrowLeft', button: 'Enter', summary: 'Enter', other: '',
}

/**
 * Reads a page by Tab alone and uses everything on the way, each control once, by its own key. Each use must change
 * something, and must leave the focus on something: whoever cannot see the page would be lost otherwise.
 */
export async function readByKeyboard(page: Page): Promise<ReadingByKeyboard> {
  await page.evaluate(PREPARE)
  const problems: string[] = []
  const stops: string[] = []
  let used = 0
  for (let stop = 0; stop < MAX_STOPS; stop += 1) {
    await page.keyboard.press('Tab')
    const focus = await page.evaluate<Focus | null>('readerFocus()')
    if (focus === null) return { used, problems, answered: await page.evaluate<number>('readerAnswered.size') }
    stops.push(focus.name)
    if (focus.kind === 'other' || focus.isDone) continue
    used += 1
    // The focus has sent for the script of what it is on.
    await page.waitForFunction('readerIsAwaited()')
    await page.keyboard.press(KEYS[focus.kind])
    const { isChanged, isLost } = await page.evaluate<{ isChanged: boolean; isLost: boolean }>('readerSees()')
    if (!isChanged) problems.push(`${focus.name}: ${KEYS[focus.kind]} changes nothing`)
    if (isLost) problems.push(`${focus.name}: after ${KEYS[focus.kind]} nothing has the focus`)
  }
  problems.push(`Tab has not left the page after ${String(MAX_STOPS)} presses; the last stops: ${stops.slice(-SHOWN_STOPS).join(', ')}`)
  return { used, answered: 0, problems }
}

/**
 * Puts the lines of the page's first such exercise in order with the buttons beside them, by the keyboard, and checks.
 * @returns what then has the focus, and what it has once the lines are mixed again
 */
export async function putInOrder(page: Page): Promise<{ done: string; mixed: string }> {
  const exercise = page.locator('.ordering').first()
  await exercise.scrollIntoViewIfNeeded()
  const [right, left] = [await wordsOf(exercise, '.choice-answer ol > li > :first-child'), await wordsOf(exercise, '.choice-answer ul > li > :first-child')]
  for (const words of left) await press(page, exercise.locator('.order-lines > li', { hasText: words }).locator('[data-do="drop"]').first())
  for (const [place, words] of right.entries()) {
    const lines = await wordsOf(exercise, 'ol.order-lines .order-text')
    for (let above = lines.indexOf(words); above > place; above -= 1) {
      await press(page, exercise.locator('ol.order-lines > li').nth(above).locator('[data-do="up"]'))
    }
  }
  await press(page, exercise.getByRole('button', { name: 'Check the order' }))
  const done = await focusedText(page)
  await press(page, exercise.getByRole('button', { name: 'Mix them again' }))
  return { done, mixed: await focusedText(page) }
}

async function press(page: Page, button: Locator): Promise<void> {
  await button.focus()
  await page.keyboard.press('Enter')
}

async function wordsOf(exercise: Locator, selector: string): Promise<string[]> {
  return (await exercise.locator(selector).allTextContents()).map((text) => text.trim())
}

async function focusedText(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement === document.body ? "nothing" : document.activeElement.textContent.trim()')
}

/** In the page. A change may come a few frames after its key: what is fetched for it is near. */
const PREPARE = `
  globalThis.readerUsed = new WeakSet()
  globalThis.readerAnswered = new Set()
  globalThis.readerFocus = () => {
    const element = document.activeElement
    if (element === null || element === document.body || element === document.documentElement) return null
    const types = { radio: 'radio', checkbox: 'checkbox', range: 'range' }
    const kind = element.closest('main') === null ? 'other' : types[element.type] ?? { SELECT: 'select', BUTTON: 'button', SUMMARY: 'summary', g: 'button' }[element.tagName] ?? 'other'
    const words = (element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent ?? '').trim().replace(/\\s+/g, ' ').slice(0, 60)
    const isDone = readerUsed.has(element) || element.getAttribute('aria-disabled') === 'true' || element.disabled === true
    readerUsed.add(element)
    isChanged = false
    return { name: '<' + element.localName + '> ' + words, kind, isDone }
  }
  globalThis.readerIsAwaited = () => !document.activeElement?.closest('.when-near:not([data-alive])')
  let isChanged = false
  const observed = { subtree: true, childList: true, characterData: true, attributes: true }
  new MutationObserver(() => { isChanged = true }).observe(document.querySelector('main'), observed)
  // What a control holds is no part of the document's text.
  addEventListener('input', () => { isChanged = true }, true)
  globalThis.readerSees = async () => {
    for (let frame = 0; frame < 60 && !isChanged; frame += 1) await new Promise((done) => requestAnimationFrame(done))
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
    for (const choice of document.querySelectorAll('.choice:has(.choice-said)')) readerAnswered.add(choice)
    const focused = document.activeElement
    return { isChanged, isLost: focused === null || focused === document.body }
  }
  document.activeElement?.blur()
  scrollTo(0, 0)
`
