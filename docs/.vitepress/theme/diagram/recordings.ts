import type { Step, TraceEvent } from '../../../../test/harness/types/index.ts'

export interface RecordedCheck {
  id: string
  title: string
  steps: Step[]
  trace: TraceEvent[]
}

interface Recording {
  lab: string
  checks: RecordedCheck[]
}

/** Made by `npm run record`; each in a chunk of its own, fetched with the page that shows it. */
const files = import.meta.glob<Recording>('../../../*/recorded-run.json', { import: 'default' })

/** The reference's run of one check, or undefined when none is recorded. */
export async function loadRecording(slug: string, check: string): Promise<RecordedCheck | undefined> {
  const recording = await files[`../../../${slug}/recorded-run.json`]?.()
  return recording?.checks.find(({ id }) => id === check)
}
