import { traceOf } from '../.vitepress/theme/figure/trace.ts'
import type { DataTable, Figure, FigureMark, Simulation, Tone } from '../.vitepress/theme/figure/types.ts'
import { answerOf, requestOf } from './answer.ts'
import { partsOf, type Part } from './parts.ts'

/** `part`: whose bytes the reader has picked; empty for those that came last. */
export type Parameters = { request: string; says: string; type: string; part: string }

/** What somebody makes of the answer, from the moment `at` on. */
export interface Reading {
  who: string
  at: number
  text: string
  tone: Tone
}

export interface Run extends Simulation {
  request: readonly Part[]
  answer: readonly Part[]
  requestBytes: number
  answerBytes: number
  readings: readonly Reading[]
}

const REQUESTS = ['GET /', 'GET /mine.ts', 'POST /']
const PARTS = [
  'request-start', 'request-host', 'request-content-length', 'request-empty', 'answer-start', 'answer-x-powered-by', 'answer-content-security-policy',
  'answer-x-content-type-options', 'answer-content-type', 'answer-content-length', 'answer-etag', 'answer-date', 'answer-connection', 'answer-keep-alive',
  'answer-empty', 'answer-body',
]

/** One request and its answer, on a line that carries a byte a millisecond. */
export const figure: Figure<Parameters, Run> = {
  id: 'byte-by-byte',
  title: 'The station’s first request and its answer, byte by byte',
  controls: [
    { kind: 'select', name: 'request', label: 'The client asks', value: 'GET /', options: REQUESTS.map((value) => ({ value, text: value })) },
    { kind: 'select', name: 'says', label: 'The program says', value: 'off', options: ['off', 'on'].map((value) => ({ value, text: `${value} the air` })) },
    { kind: 'select', name: 'type', label: 'announced as', value: 'text/plain', options: ['text/plain', 'text/html'].map((value) => ({ value, text: value })) },
    { kind: 'select', name: 'part', label: 'Bytes of', value: '', inPicture: true, options: ['', ...PARTS].map((value) => ({ value, text: value })) },
  ],
  goals: [
    { id: 'on-air', text: 'Put the station on the air.', isReached: (_run, { request, says }) => request === 'GET /' && says === 'on' },
    { id: 'one-fewer', text: 'Make exactly 255 bytes come back.', isReached: ({ answerBytes }) => answerBytes === 255 },
  ],
  simulate,
}

/** When the last byte of a part has come. */
export function cameAt({ at, text }: Part): number {
  return at + text.length
}

/** The part whose bytes are shown: the one picked if it has begun to come, otherwise the one that came last. */
export function shownPart({ request, answer }: Run, picked: string, t: number): Part | undefined {
  const begun = [...request, ...answer].filter(({ at }) => at < t)
  return begun.find(({ id }) => id === picked) ?? begun.at(-1)
}

/** A byte in hexadecimal, two digits. */
export function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0')
}

function simulate(parameters: Parameters): Run {
  const [requestText, answerText] = [requestOf(parameters), answerOf(parameters)]
  const request = partsOf(requestText, 'request', 0)
  const answer = partsOf(answerText, 'answer', requestText.length)
  const endsAt = requestText.length + answerText.length
  const status = answerText.split('\r\n', 1)[0] ?? ''
  return {
    trace: traceOf([
      { from: 'client', to: 'server', at: 0, arrivesAt: requestText.length, kind: 'request', summary: parameters.request },
      { from: 'server', to: 'client', at: requestText.length, arrivesAt: endsAt, kind: 'response', summary: status.slice('HTTP/1.1 '.length) },
    ]),
    marks: [...request, ...answer].map(markOf),
    endsAt,
    request,
    answer,
    requestBytes: requestText.length,
    answerBytes: answerText.length,
    readings: readingsOf(parameters, answer, endsAt),
    tables: [tableOf('The request', request), tableOf('The answer', answer)],
  }
}

function markOf(part: Part): FigureMark {
  return { at: cameAt(part), node: part.reader, text: `has read ${whatOf(part)}: ${part.tells}` }
}

function tableOf(title: string, parts: readonly Part[]): DataTable {
  const rows = parts.map(({ name, text, before }) => [
    name, `${String(before + 1)} to ${String(before + text.length)}`, JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"'), [...text].map(hexOf).join(' '),
  ])
  return { title: `${title}, byte by byte`, head: ['Part', 'Bytes', 'Text', 'In hexadecimal'], rows }
}

function readingsOf(parameters: Parameters, answer: readonly Part[], endsAt: number): Reading[] {
  const shown = parameters.request === 'GET /' ? `Harbour Radio is ${parameters.says} the air` : `Cannot ${parameters.request}`
  const told = ['answer-start', 'answer-content-type', 'answer-content-length'].flatMap((id) => answer.filter((part) => part.id === id))
  return [
    ...told.map((part) => ({ who: `From ${whatOf(part)}`, at: cameAt(part), text: part.tells, tone: 'plain' as const })),
    { who: 'A person sees', at: endsAt, text: `“${shown}”`, tone: 'plain' },
    ...verdictsOf(parameters).map(({ check, isRight, text }) => ({ who: `Check ${check}`, at: endsAt, text, tone: isRight ? 'good' as const : 'bad' as const })),
  ]
}

function whatOf({ name, text }: Part): string {
  return name === 'header' ? text.slice(0, text.indexOf(':')) : `the ${name}`
}

function verdictsOf({ request, says, type }: Parameters): { check: string; isRight: boolean; text: string }[] {
  if (request === 'GET /mine.ts') return [{ check: 'unknown-path-404', isRight: true, text: 'no such path, and the number says so' }]
  if (request === 'POST /') return [{ check: 'other-methods', isRight: true, text: 'POST is not GET, and the number says so' }]
  return [
    { check: 'says-on-air', isRight: says === 'on', text: says === 'on' ? 'this is the announcement' : 'one word is wrong' },
    { check: 'content-type', isRight: type === 'text/plain', text: type === 'text/plain' ? 'this is plain text' : 'a text is no web page' },
  ]
}

/** The text with the two characters that end a line written out. */
export function signed(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n')
}
