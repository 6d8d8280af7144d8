declare module 'virtual:workbook-recordings' {
  import type { RecordedCheck } from './diagram/recordings.ts'

  const recordings: Record<string, () => Promise<{ default: RecordedCheck }>>
  export default recordings
}
