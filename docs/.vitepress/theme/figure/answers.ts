import { computed, onMounted, reactive, ref, type ComputedRef } from 'vue'

const PREFIX = 'harbour-radio:answer:'

/** What this reader has answered; kept in this browser and nowhere else. */
const answers = reactive(new Map<string, string>())

export interface KeptAnswer {
  /** Undefined until the reader has answered. */
  answer: ComputedRef<string | undefined>
  keep(text: string): void
  forget(): void
}

/** The reader's answer to one question of the book, the same wherever it is asked for. */
export function useAnswer(id: string): KeptAnswer {
  // What the server rendered knows no answer, also where another part of the page has one already.
  const isMounted = ref(false)
  onMounted(() => {
    isMounted.value = true
    const kept = storage()?.getItem(PREFIX + id)
    if (kept !== null && kept !== undefined) answers.set(id, kept)
  })
  return {
    answer: computed(() => (isMounted.value ? answers.get(id) : undefined)),
    keep(text) {
      answers.set(id, text)
      // A full or forbidden storage: the answer lives as long as the page.
      try { storage()?.setItem(PREFIX + id, text) } catch { /* see above */ }
    },
    forget() {
      answers.delete(id)
      storage()?.removeItem(PREFIX + id)
    },
  }
}

function storage(): Storage | undefined {
  try { return localStorage } catch { return undefined }
}
