/** A link to the glossary in a text. */
const TERM = 'a.term'

/** Explains a term of the glossary on the spot, when the reader points at it or comes to it by keyboard. */
export function explainTerms(): void {
  for (const type of ['mouseover', 'focusin', 'pointerdown'] as const) document.addEventListener(type, notice)
}

/** What explains comes when it is first asked for. */
function notice(event: Event): void {
  const term = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>(TERM) : null
  if (term === null) return
  // A finger cannot hover: its first tap shows the definition, the second follows the link.
  const isTap = event instanceof PointerEvent && event.pointerType !== 'mouse' && !term.hasAttribute('aria-describedby')
  if (isTap) term.addEventListener('click', (click) => { click.preventDefault() }, { once: true })
  void import('./term-box.ts').then(({ showTerm }) => { showTerm(term) })
}
