import { withBase } from 'vitepress'

const RELOADED = 'harbour-radio:reloaded-at'
/** One reload mends a page that is older than the site; a second in a row would not. */
const PATIENCE_MS = 10_000
/** The page comes first: fetching the whole site at once would slow down a small machine's first seconds. */
const AFTER_LOAD_MS = 3_000

/** Once the page is idle, keeps the whole site for later visits without a network. Built sites only. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  if (document.readyState === 'complete') registerWhenIdle()
  else window.addEventListener('load', registerWhenIdle, { once: true })
  window.addEventListener('vite:preloadError', reloadOnce)
}

function registerWhenIdle(): void {
  const register = (): void => {
    // Refused in a private window or by a setting: the site works as well, only not offline.
    navigator.serviceWorker.register(withBase('/sw.js')).catch(() => undefined)
  }
  setTimeout(() => {
    if ('requestIdleCallback' in window) window.requestIdleCallback(register, { timeout: PATIENCE_MS })
    else register()
  }, AFTER_LOAD_MS)
}

/** The site was published anew while this page was open, and a part of the old one is gone. */
function reloadOnce(event: Event): void {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0)
  if (!navigator.onLine || Date.now() - last < PATIENCE_MS) return
  event.preventDefault()
  sessionStorage.setItem(RELOADED, String(Date.now()))
  location.reload()
}
