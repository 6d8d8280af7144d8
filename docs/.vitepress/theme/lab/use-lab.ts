import { onMounted, reactive } from 'vue'
import type { PageMessage, ServerMessage } from '../../../../test/harness/types/index.ts'
import { EMPTY, reduce, type LabState } from './lab-state.ts'

/** A run that takes longer than this shows what it still waits for. */
const SLOW_MS = 250

export interface LabStore {
  state: LabState
  /** True when the run has taken so long that older results no longer stand for the new ones. */
  isSlow: boolean
  /** False in a published site, and once the dev server has gone. */
  isLive: boolean
  send(type: 'start' | 'run' | 'reset'): void
  restore(version: number): void
}

const stores = new Map<string, LabStore>()

/**
 * The lab's state, kept up to date by the dev server while the page is open. One store a lab:
 * two panels of one lab show the same. In a published site it stays empty.
 */
export function useLab(slug: string): LabStore {
  const store = stores.get(slug) ?? createStore(slug)
  if (!import.meta.env.SSR) stores.set(slug, store)
  onMounted(() => { sendToServer({ type: 'open', slug }) })
  return store
}

function createStore(slug: string): LabStore {
  const store: LabStore = reactive({
    state: EMPTY,
    isSlow: false,
    isLive: import.meta.hot !== undefined,
    send(type) { sendToServer({ type, slug }) },
    restore(version) { sendToServer({ type: 'restore', slug, version }) },
  })
  listen(slug, store)
  return store
}

function listen(slug: string, store: LabStore): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  import.meta.hot?.on('workbook:server', (message: ServerMessage) => {
    if ((message.type === 'lab' ? message.lab.slug : message.slug) !== slug) return
    store.state = reduce(store.state, message)
    if (message.type === 'check') return
    clearTimeout(timer)
    store.isSlow = false
    if (message.type === 'begin') timer = setTimeout(() => { store.isSlow = true }, SLOW_MS)
  })
  import.meta.hot?.on('vite:ws:disconnect', () => { store.isLive = false })
  import.meta.hot?.on('vite:ws:connect', () => {
    store.isLive = true
    sendToServer({ type: 'open', slug })
  })
}

/** Each message carries the session's token, which only pages of this server can read. */
function sendToServer(message: PageMessage): void {
  const token = document.querySelector<HTMLMetaElement>('meta[name="workbook-session"]')?.content
  import.meta.hot?.send('workbook:page', { token, message })
}
