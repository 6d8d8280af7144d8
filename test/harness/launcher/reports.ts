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

/** A program can write to the channel too, whatever it likes: only what has the shape of a report is one. */
function parseReport(line: string): Report | undefined {
  try {
    const value = JSON.parse(line) as Record<string, unknown> | null
    const shape = SHAPES[String(value?.['type'])]
    return value !== null && shape !== undefined && hasShape(value, shape) ? (value as unknown as Report) : undefined
  } catch {
    return undefined
  }
}

/** The fields of each report by their `typeof`; those with a `?` may be missing. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  waiting: {},
  listening: { port: 'number?', address: 'string?', path: 'string?', stack: 'string?' },
  'listen-error': { code: 'string', port: 'number?', address: 'string?', stack: 'string?' },
  uncaught: { origin: 'string', name: 'string', message: 'string', stack: 'string', code: 'string?', url: 'string?' },
  'exit-called': { code: 'number', stack: 'string' },
  exit: { code: 'number' },
  idle: {},
  memory: { bytes: 'number' },
  blocked: { file: 'string?', line: 'number?', column: 'number?', forMs: 'number' },
  unblocked: {},
}

function hasShape(value: Readonly<Record<string, unknown>>, shape: Readonly<Record<string, string>>): boolean {
  return Object.entries(shape).every(([name, type]) => {
    const found = typeof value[name]
    return found === type.replace('?', '') || (found === 'undefined' && type.endsWith('?'))
  })
}
