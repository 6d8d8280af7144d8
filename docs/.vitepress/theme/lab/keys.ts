/** One key of the panel. It acts only while the focus is inside the panel, so that it is in nobody's way (WCAG 2.1.4). */
export interface PanelKey {
  key: string
  does: string
}

export const KEYS: readonly PanelKey[] = [
  { key: 'B', does: 'begin the lab' },
  { key: 'E', does: 'open your file in VS Code' },
  { key: 'A', does: 'run all checks again' },
  { key: 'N', does: 'go to the next failed check, and open it' },
  { key: 'P', does: 'go to the failed check before' },
  { key: 'H', does: 'show the next hint of the check you are at' },
  { key: 'C', does: 'copy its curl command' },
  { key: 'R', does: 'replay its messages' },
  { key: 'D', does: 'show the difference to the reference' },
  { key: 'V', does: 'show the kept versions' },
  { key: 'G', does: 'go back to the last green version' },
  { key: '?', does: 'show this list' },
]

/** The shortcut that brings the focus into the panel, from anywhere on the page. */
export const PANEL_SHORTCUT = 'Alt+L'

/** True for {@link PANEL_SHORTCUT}, whatever character the layout makes of it. */
export function isPanelShortcut(event: KeyboardEvent): boolean {
  return event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && (event.code === 'KeyL' || event.key.toLowerCase() === 'l')
}

/**
 * Does what a key stands for: presses the control that names it in `data-key`, the one of the check with the focus
 * (or of the first open one) before any other.
 */
export function pressKey(event: KeyboardEvent, panel: HTMLElement): void {
  const from = event.target as HTMLElement
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat && !event.isComposing
  if (!isPlain || event.defaultPrevented || from.closest('input, textarea, select, [contenteditable]') !== null) return
  const key = event.key.toLowerCase()
  const control = key === 'n' || key === 'p' ? failedCheck(panel, from, key === 'n' ? 1 : -1) : controlOf(panel, from, key)
  if (control === undefined) return
  event.preventDefault()
  control.focus()
  if (key === 'n' || key === 'p') control.closest('details')?.setAttribute('open', '')
  else control.click()
}

function controlOf(panel: HTMLElement, from: HTMLElement, key: string): HTMLElement | undefined {
  const selector = `[data-key="${CSS.escape(key)}"]`
  const own = from.closest('.check-row')?.querySelector<HTMLElement>(selector)
  const all = [...(own ? [own] : []), ...panel.querySelectorAll<HTMLElement>(selector)]
  return all.find((control) => control.checkVisibility() && control.getAttribute('aria-disabled') !== 'true')
}

/** The title of the failed check after the one with the focus (or before it), round the end. */
function failedCheck(panel: HTMLElement, from: HTMLElement, step: 1 | -1): HTMLElement | undefined {
  const titles = [...panel.querySelectorAll<HTMLElement>('.check-row.failed summary.check-title')]
  const row = from.closest('.check-row')
  const here = titles.findIndex((title) => title.closest('.check-row') === row)
  if (here >= 0) return titles[(here + step + titles.length) % titles.length]
  const isAfter = (title: HTMLElement): boolean => (from.compareDocumentPosition(title) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
  return step === 1 ? titles.find(isAfter) ?? titles[0] : titles.findLast((title) => !isAfter(title)) ?? titles.at(-1)
}
