import { data as definitions } from './data/glossary.data.ts'

const EDGE_PX = 8
const ID = 'term-box'
let close = (): void => undefined

/** Shows what a term means beside it, until the reader leaves it, presses Escape or scrolls away. */
export function showTerm(term: HTMLAnchorElement): void {
  const definition = definitions[decodeURIComponent(term.hash.slice(1))]
  // The reader may have left while the definitions came.
  if (definition === undefined || term.hasAttribute('aria-describedby') || !(term.matches(':hover') || term === document.activeElement)) return
  close()
  const box = boxWith(definition)
  // Within its link, so that the pointer may go from one to the other.
  const place = term.parentElement?.closest('p, li, td, dd, blockquote, div') ?? document.body
  place.append(box)
  term.setAttribute('aria-describedby', ID)
  putBeside(box, term)
  const stop = new AbortController()
  close = () => {
    stop.abort()
    box.remove()
    term.removeAttribute('aria-describedby')
    close = () => undefined
  }
  closeWhenLeft(box, term, stop.signal)
}

function boxWith(definition: string): HTMLElement {
  const box = document.createElement('span')
  Object.assign(box, { id: ID, role: 'tooltip', className: 'term-box' })
  // What stood between backticks is code.
  box.append(...definition.split('`').map((text, index) => {
    if (index % 2 === 0) return text
    const code = document.createElement('code')
    code.textContent = text
    return code
  }))
  return box
}

function putBeside(box: HTMLElement, term: HTMLElement): void {
  const { left, bottom, top } = term.getBoundingClientRect()
  const { width, height } = box.getBoundingClientRect()
  const isBelow = bottom + height + EDGE_PX < innerHeight || top < height
  box.style.left = `${String(Math.max(EDGE_PX, Math.min(left, document.documentElement.clientWidth - width - EDGE_PX)))}px`
  box.style.top = `${String(isBelow ? bottom : top - height)}px`
}

function closeWhenLeft(box: HTMLElement, term: HTMLElement, signal: AbortSignal): void {
  const leave = (event: MouseEvent): void => {
    const goal = event.relatedTarget
    const isWithin = goal instanceof Node && (box.contains(goal) || term.contains(goal))
    if (!isWithin && term !== document.activeElement) close()
  }
  term.addEventListener('mouseout', leave, { signal })
  box.addEventListener('mouseout', leave, { signal })
  term.addEventListener('blur', () => { close() }, { signal })
  document.addEventListener('keydown', ({ key }) => { if (key === 'Escape') close() }, { signal })
  document.addEventListener('scroll', () => { close() }, { signal, passive: true })
}
