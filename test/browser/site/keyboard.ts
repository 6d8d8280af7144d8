import type { Page } from 'playwright-core'

/** Where the focus is, as `describe` names it, and whether one can see it. */
interface Stop {
  index: number
  name: string
  isSeen: boolean
}

/** What a keyboard-only reader meets from the page's first element to its last. */
export interface KeyboardRun {
  /** Every element that Tab must reach, in the order of the document. */
  expected: string[]
  /** What it did reach, in the order in which it did. */
  reached: string[]
  /** Of those, what showed no focus, or showed it outside the window. */
  unseen: string[]
}

const MAX_PRESSES = 2_000

/** Presses Tab from the start of the page until the focus leaves it. */
export async function tabThrough(page: Page): Promise<KeyboardRun> {
  await page.evaluate(PREPARE)
  const expected = await page.evaluate<string[]>('workbookStops().map(workbookName)')
  const [reached, unseen]: [string[], string[]] = [[], []]
  for (let press = 0; press < MAX_PRESSES; press += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate<Stop | null>('workbookStop()')
    if (stop === null || reached.includes(stop.name)) break
    reached.push(stop.name)
    if (!stop.isSeen) unseen.push(stop.name)
  }
  return { expected, reached, unseen }
}

/** In the page: which elements can be reached, how each is called, and what has the focus. */
const PREPARE = `
  globalThis.workbookStops = () => {
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    const seenGroups = new Set()
    return all.filter((element) => {
      if (element.tabIndex < 0 || element.disabled || element.closest('[inert]')) return false
      if (!element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return false
      if (element.localName === 'summary' && element.parentElement.localName !== 'details') return false
      if (element.type !== 'radio') return true
      // Tab stops once at a group of choices: at the chosen one, or at the first.
      const group = [...document.getElementsByName(element.name)]
      const stop = group.find((choice) => choice.checked) ?? group[0]
      return element === stop
    })
  }
  globalThis.workbookNames = new Map()
  globalThis.workbookName = (element) => {
    if (!workbookNames.has(element)) {
      const words = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replace(/\\s+/g, ' ').slice(0, 40)
      workbookNames.set(element, '#' + workbookNames.size + ' <' + element.localName + '> ' + words)
    }
    return workbookNames.get(element)
  }
  globalThis.workbookStop = () => {
    const element = document.activeElement
    if (element === null || element === document.body || element === document.documentElement) return null
    const style = getComputedStyle(element)
    const box = element.getBoundingClientRect()
    const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
    const isInWindow = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    return { name: workbookName(element), isSeen: (isOutlined || style.boxShadow !== 'none') && isInWindow }
  }
  document.activeElement?.blur()
  scrollTo(0, 0)
`
