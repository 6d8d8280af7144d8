import recordings from 'virtual:workbook-recordings'
import type { Step, TraceEvent } from '../../../../test/harness/types/index.ts'

/** One check of a `recorded-run.json`, which `npm run record` makes. */
export interface RecordedCheck {
  id: string
  title: string
  steps: Step[]
  trace: TraceEvent[]
}

/** The reference's run of one check, or undefined when none is recorded. */
export async function loadRecording(slug: string, check: string): Promise<RecordedCheck | undefined> {
  const module = await recordings[`${slug}/${check}`]?.()
  return module?.default as RecordedCheck | undefined
}
