import { computed, onMounted, reactive, type ComputedRef } from 'vue'

/** What a reader has done with one chapter. */
export interface ChapterProgress {
  read?: boolean
  passed?: boolean
}

type Chapters = Record<string, ChapterProgress>

const KEY = 'harbour-radio:progress'
const state = reactive<{ chapters: Chapters; isLoaded: boolean }>({ chapters: {}, isLoaded: false })

export interface ProgressStore {
  /** The reader's own record of a chapter, by slug. Empty until the page is mounted. */
  of(slug: string): ChapterProgress
  set(slug: string, done: ChapterProgress): void
  /** Forgets all, and returns what would bring it back. */
  reset(): () => void
  isEmpty: ComputedRef<boolean>
}

/** What the reader has read and passed. It is kept in this browser and goes nowhere else. */
export function useProgress(): ProgressStore {
  onMounted(load)
  return {
    of: (slug) => state.chapters[slug] ?? {},
    set(slug, done) { replace({ ...state.chapters, [slug]: { ...state.chapters[slug], ...done } }) },
    reset() {
      const before = state.chapters
      replace({})
      return () => { replace(before) }
    },
    isEmpty: computed(() => !Object.values(state.chapters).some(({ read, passed }) => read === true || passed === true)),
  }
}

/** `read`, `lab passed`, `read, lab passed`, or nothing: what stands beside the sign. */
export function wordsFor({ read, passed }: ChapterProgress): string {
  return [read === true ? 'read' : '', passed === true ? 'lab passed' : ''].filter((word) => word !== '').join(', ')
}

/** ◐ is half of it, ● is both. */
export function signFor({ read, passed }: ChapterProgress): string {
  if (read === true && passed === true) return '●'
  return read === true || passed === true ? '◐' : '○'
}

function load(): void {
  if (state.isLoaded) return
  state.isLoaded = true
  state.chapters = stored()
  // Another tab's change shows here, too.
  window.addEventListener('storage', ({ key }) => {
    if (key === KEY || key === null) state.chapters = stored()
  })
}

function replace(chapters: Chapters): void {
  state.chapters = chapters
  try {
    localStorage.setItem(KEY, JSON.stringify(chapters))
  } catch {
    // No room, or not allowed to keep anything: it holds as long as the page is open.
  }
}

/** Whatever stands there, perhaps by another's hand, becomes a record of chapters. */
function stored(): Chapters {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, ChapterProgress] => typeof entry[1] === 'object' && entry[1] !== null))
  } catch {
    return {}
  }
}
