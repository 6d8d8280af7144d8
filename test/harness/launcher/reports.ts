/** What the preload and its watchdog tell over the side channel, one JSON object a line. */
export type Report =
  | { type: 'waiting' }
  | { type: 'listening'; port?: number; address?: string; path?: string; stack?: string }
  | { type: 'listen-error'; code: string; port?: number; address?: string; stack?: string }
  | ({ type: 'uncaught' } & UncaughtError)
  | { type: 'exit-called'; code: number; stack: string }
  | { type: 'exit'; code: number }
  | { type: 'idle' }
  | { type: 'memory'; bytes: number }
  /** `forMs`: how long the event loop had not turned. */
  | { type: 'blocked'; file?: string; line?: number; column?: number; forMs: number }
  | { type: 'unblocked' }

export interface UncaughtError {
  /** `uncaughtException` or `unhandledRejection`. */
  origin: string
  name: string
  message: string
  stack: string
  code?: string
  url?: string
}

/** Splits the channel's text into reports. What is no report is left out: the learner's program could write there. */
export function createReportReader(onReport: (report: Report) => void): (chunk: string) => void {
  let rest = ''
  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = (lines.pop() ?? '').slice(-65_536)
    for (const line of lines) {
      const report = parseReport(line)
      if (report !== undefined) onReport(report)
    }
  }
}

function parseReport(line: string): Report | undefined {
  try {
    const value = JSON.parse(line) as Report | null
    return typeof value?.type === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
