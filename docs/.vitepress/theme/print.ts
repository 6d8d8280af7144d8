/** Folded, also on paper: the recorded runs of all checks, which are fetched one by one when they are looked at. */
const FOLDED = 'main details:not([open], .static-run *)'

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
