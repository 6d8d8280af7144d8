import { computed, ref, watchEffect, type ComputedRef, type Ref } from 'vue'
import type { CheckResult, TraceEvent } from '../../../../test/harness/types/index.ts'
import { markOf, type Mark } from '../diagram/mark.ts'
import { loadRecording } from '../diagram/recordings.ts'

/**
 * Marks the message of a failed check's conversation to look at first. The reference's run of the check is fetched
 * when the check has been opened, and not before.
 */
export function useMark(check: { slug: Ref<string>; result: Ref<CheckResult>; isOpen: Ref<boolean> }): ComputedRef<Mark | undefined> {
  const reference = ref<TraceEvent[]>()
  watchEffect(() => {
    const [slug, id] = [check.slug.value, check.result.value.id]
    // Without a recording the last answer is marked.
    if (check.isOpen.value) void loadRecording(slug, id).then((found) => { reference.value = found?.trace }).catch(() => undefined)
  })
  return computed(() => markOf(check.result.value.trace, reference.value))
}
