import type { CheckResult, TraceEvent } from '../types/index.ts'
import { indent } from './plain.ts'

const STARTED_BY_HAND = '(against your program started by hand; ids of this run are gone, make one first)'

/** The command that repeats a check's last request, and a word of warning when it names what only the judged program knew. */
export function byHandLines({ curl, trace }: Pick<CheckResult, 'curl' | 'trace'>): string[] {
  if (curl === undefined) return []
  const isBoundToRun = valuesIn(curl).some((value) => isFromAnswer(value, trace))
  return [...indent(curl, ''), ...(isBoundToRun ? [STARTED_BY_HAND] : [])]
}

/** Where a command may name what the program gave: the path below its first segment, the query, a token. */
function valuesIn(curl: string): string[] {
  const [, path = '', query = ''] = /\bhttp:\/\/localhost:\d+([^\s'?#]*)(?:\?([^\s'#]*))?/.exec(curl) ?? []
  const [, token = ''] = /Authorization: Bearer ([^\s']+)/i.exec(curl) ?? []
  const below = path.split('/').filter((segment) => segment !== '').slice(1)
  const given = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1))
  return [...below, ...given, token].filter((value) => value !== '').flatMap((value) => [value, decoded(value)])
}

/** True when the program said it before anybody else did: a check's own word, given back, is there again next time. */
function isFromAnswer(value: string, trace: readonly TraceEvent[]): boolean {
  const word = new RegExp(`(?<![\\w-])${value.replaceAll(/[^\w\s-]/g, '\\$&')}(?![\\w-])`)
  const first = trace.find((event) => word.test(textOf(event)))
  return first !== undefined && isAnswer(first)
}

/** Of an answer's head only Location can name something made; a date or a length would match small numbers by chance. */
function textOf(event: TraceEvent): string {
  const { head = '', body = '' } = event.detail
  if (!isAnswer(event)) return `${event.summary}\n${head}\n${body}`
  return `${/^location: .*$/im.exec(head)?.[0] ?? ''}\n${body}`
}

function isAnswer({ kind }: TraceEvent): boolean {
  return kind === 'response' || kind === 'event'
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
