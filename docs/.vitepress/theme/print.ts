/**
 * Not on paper unless the reader has opened them: the recorded runs of all checks, and a picture's twin in words or as a
 * table, which would take several pages to say what the picture beside it says.
 */
const FOLDED = 'main details:not([open], .static-run *, .trace-text, .figure-data)'

/** Paper opens nothing: what is folded away is opened while the page is printed, and folded again afterwards. */
export function openForPrint(): void {
  let opened: HTMLDetailsElement[] = []
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll<HTMLDetailsElement>(FOLDED)]
    for (const details of opened) details.open = true
  })
  window.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false
    opened = []
  })
}
