import type { Span, Tone } from './types.ts'

const SIGNS: Record<Tone, string> = { plain: '', good: '✓ ', bad: '✗ ', waiting: '… ', busy: '● ' }
const WORDS: Record<Span['kind'], string> = { computing: 'computing', waiting: 'waiting', down: 'down' }

/** What stands beside the colour: a sign and a space, or nothing. */
export function signOf(tone: Tone | undefined): string {
  return SIGNS[tone ?? 'plain']
}

/** What a span's kind is called. */
export function wordOf(kind: Span['kind']): string {
  return WORDS[kind]
}
