const TOUCHES = ['pointerover', 'pointerdown', 'focusin', 'click', 'input', 'change'] as const
/** What does nothing without a script. The rest (links, folded texts) has worked already. */
const PRESSED = 'button, [role="button"]'

/** Something that the reader did before there was anybody to notice. */
interface Missed {
  type: 'click' | 'input' | 'change'
  target: Element
  /** What the reader set; coming to life sets it back. */
  set?: { checked: boolean; value: string }
}

/**
 * Calls when the reader first does something there. Until the part says that it is `alive`, what is pressed or set is
 * remembered, and then happens again.
 */
export function watchTouch(place: HTMLElement, come: () => void): () => void {
  const missed: Missed[] = []
  const notice = ({ type, target }: Event): void => {
    const pressed = type === 'click' && target instanceof Element ? target.closest(PRESSED) : null
    if (pressed !== null) missed.push({ type: 'click', target: pressed })
    if ((type === 'input' || type === 'change') && isField(target)) {
      missed.push({ type, target, set: { checked: target instanceof HTMLInputElement && target.checked, value: target.value } })
    }
    come()
  }
  const stop = (): void => {
    for (const type of TOUCHES) place.removeEventListener(type, notice, true)
  }
  for (const type of TOUCHES) place.addEventListener(type, notice, true)
  place.addEventListener('alive', () => {
    stop()
    missed.forEach(repeat)
  }, { once: true })
  return stop
}

function repeat({ type, target, set }: Missed): void {
  if (type === 'click') target.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))
  if (set === undefined || !isField(target)) return
  target.value = set.value
  if (target instanceof HTMLInputElement) target.checked = set.checked
  target.dispatchEvent(new Event(type, { bubbles: true }))
}

function isField(target: EventTarget | null): target is HTMLInputElement | HTMLSelectElement {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement
}
