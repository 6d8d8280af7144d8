import { onMounted, reactive } from 'vue'
import type { DiffWith, PageMessage, Replay, ServerMessage } from '../../../../test/harness/types/index.ts'
import { EMPTY, reduce, spokenVerdict, type LabState } from './lab-state.ts'
import { parseDiff, sizeOf } from './parse-diff.ts'
import { replaySentence } from './replay-sentence.ts'

/** A run that takes longer than this shows what it still waits for. */
const SLOW_MS = 250

/** A replay that was asked for, and what came of it. */
export interface ShownReplay {
  isWaiting: boolean
  replay?: Replay
}

export interface ShownDiff {
  text: string
  problem?: string
}

export interface LabStore {
  state: LabState
  /** True when the run has taken so long that older results no longer stand for the new ones. */
  isSlow: boolean
  /** False in a published site, and once the dev server has gone. */
  isLive: boolean
  /** The last thing worth saying aloud. */
  spoken: string
  /** By check. What was sent again belongs to one run: a new one begins without. */
  replays: Record<string, ShownReplay>
  /** By what the file is compared with. */
  diffs: Record<string, ShownDiff>
  say(sentence: string): void
  send(type: 'start' | 'run' | 'reset'): void
  restore(version: number): void
  replay(check: string): void
  showDiff(against: DiffWith, isSpoilerWanted?: boolean): void
  hideDiff(against: DiffWith): void
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
    spoken: '',
    replays: {},
    diffs: {},
    // The same sentence twice is read twice only when the text has changed.
    say(sentence) { store.spoken = store.spoken === sentence ? `${sentence}\u00a0` : sentence },
    send(type) { sendToServer({ type, slug }) },
    restore(version) {
      sendToServer({ type: 'restore', slug, version })
      store.say(`Version ${String(version)} is back. What you had is kept.`)
    },
    replay(check) {
      store.replays[check] = { isWaiting: true }
      sendToServer({ type: 'replay', slug, check })
    },
    showDiff(against, isSpoilerWanted = false) { sendToServer({ type: 'diff', slug, against, isSpoilerWanted }) },
    hideDiff(against) { Reflect.deleteProperty(store.diffs, String(against)) },
  })
  listen(slug, store)
  return store
}

function listen(slug: string, store: LabStore): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastSpoken = 0
  import.meta.hot?.on('workbook:server', (message: ServerMessage) => {
    if ((message.type === 'lab' ? message.lab.slug : message.slug) !== slug) return
    if (message.type === 'replay' || message.type === 'diff') {
      receiveAnswer(store, message)
      return
    }
    store.state = reduce(store.state, message)
    if (message.type === 'check') return
    clearTimeout(timer)
    store.isSlow = false
    if (message.type === 'begin') {
      timer = setTimeout(() => { store.isSlow = true }, SLOW_MS)
      forgetOldRun(store)
    }
    if (message.type !== 'verdict' || message.run === lastSpoken) return
    lastSpoken = message.run
    store.say(spokenVerdict(message.verdict))
    refreshDiffs(store)
  })
  import.meta.hot?.on('vite:ws:disconnect', () => { store.isLive = false })
  import.meta.hot?.on('vite:ws:connect', () => {
    store.isLive = true
    store.replays = {}
    sendToServer({ type: 'open', slug })
  })
}

function receiveAnswer(store: LabStore, message: Extract<ServerMessage, { type: 'replay' | 'diff' }>): void {
  if (message.type === 'replay') {
    // Asked for in a run that a newer one has replaced.
    if (store.replays[message.check] === undefined) return
    store.replays[message.check] = { isWaiting: false, replay: message.replay }
    store.say(replaySentence(message.replay))
    return
  }
  const { against, text, problem } = message
  const isNew = store.diffs[against] === undefined
  store.diffs[against] = { text, ...(problem !== undefined && { problem }) }
  if (isNew) store.say(problem ?? (text === '' ? 'There is no difference.' : `${sizeOf(parseDiff(text))}.`))
}

/** What is still under way will be refused by the server, with the reason; what has come belongs to the old run. */
function forgetOldRun(store: LabStore): void {
  store.replays = Object.fromEntries(Object.entries(store.replays).filter(([, { isWaiting }]) => isWaiting))
}

/** The learner's file has changed: what it is compared with stays open, and shows the new difference. */
function refreshDiffs(store: LabStore): void {
  for (const against of Object.keys(store.diffs)) {
    // Who has seen the reference has seen it.
    if (against === 'solution') store.showDiff('solution', true)
    else store.showDiff(Number(against))
  }
}

/** Each message carries the session's token, which only pages of this server can read. */
function sendToServer(message: PageMessage): void {
  const token = document.querySelector<HTMLMetaElement>('meta[name="workbook-session"]')?.content
  import.meta.hot?.send('workbook:page', { token, message })
}
