import { traceOf, type NewEvent } from '../.vitepress/theme/figure/trace.ts'
import type { Figure, FigureMark, Simulation } from '../.vitepress/theme/figure/types.ts'

export type Parameters = { program: string; first: boolean; kept: boolean }

/** How a process ended. */
export interface End {
  /** Milliseconds after SIGTERM. */
  afterMs: number
  /** 128 and the signal's number, where a signal ended it. */
  code: 0 | 137 | 143
}

export interface Run extends Simulation {
  end: End
  /** Requests that the server had taken and never answered. */
  lost: number
}

/** When the engine sends SIGTERM. */
export const TERM_AT = 500
/** How long the engine waits before SIGKILL. */
const PATIENCE_MS = 10_000
/** From a quick request to its answer. */
const QUICK_MS = 20
const SLOW_MS = 1_500
/** When somebody new connects. */
const NEW_AT = 800
/** When the balancer asks, unless the server has ended. */
const PROBES_AT = [1_100, 5_500]

/** What a program does on SIGTERM. */
const PROGRAMS: Record<string, { text: string; said: string; readyz: string }> = {
  none: { text: 'has no handler', said: 'has no handler', readyz: '200 ready' },
  exit: { text: 'exits at once', said: 'exits at once', readyz: '' },
  close: { text: 'calls close() alone', said: 'closes its port', readyz: '200 ready' },
  drain: { text: 'drains', said: 'not ready, drains', readyz: '503 draining' },
}

/** SIGTERM comes while a request is in flight. */
export const figure: Figure<Parameters, Run> = {
  id: 'sigterm',
  title: 'SIGTERM, and a request in flight',
  controls: [
    { kind: 'buttons', name: 'program', label: 'On SIGTERM the server', value: 'none', options: Object.entries(PROGRAMS).map(([value, { text }]) => ({ value, text })) },
    { kind: 'toggle', name: 'first', label: 'It is process 1', value: true },
    { kind: 'toggle', name: 'kept', label: 'A balancer keeps asking', value: true },
  ],
  goals: [
    { id: 'clean-lie', text: 'End with exit code 0 and lose an answer all the same.', isReached: ({ end, lost }) => end.code === 0 && lost > 0 },
    { id: 'held', text: 'Let a server that has a handler be killed after 10 s.', isReached: ({ end }, { program }) => program !== 'none' && end.code === 137 },
    { id: 'clean', text: 'With the balancer’s connection kept, lose nothing and end with code 0.', isReached: ({ end, lost }, { kept }) => kept && end.code === 0 && lost === 0 },
  ],
  simulate,
}

function simulate({ program, first, kept }: Parameters): Run {
  const end = endOf({ program, first, kept })
  const diesAt = TERM_AT + end.afterMs
  const isDeaf = program === 'none' && first
  // Whoever does not hear SIGTERM goes on taking requests, and is killed in the middle of one.
  const slow = [0, ...(isDeaf ? [9_700] : [])].map((at) => slowRequest(at, diesAt))
  const lost = slow.filter((events) => events.length === 1).length
  const trace = traceOf([
    ...slow.flat(),
    { from: 'engine', to: 'server', at: TERM_AT, kind: 'signal', summary: 'SIGTERM' },
    ...newRequest(isDeaf),
    ...(kept ? probes(program, diesAt) : []),
    ...(end.code === 137 ? [{ from: 'engine', to: 'server', at: diesAt, kind: 'signal' as const, summary: 'SIGKILL' }] : []),
  ])
  const marks: FigureMark[] = [
    ...(end.afterMs > 0 ? [saidOnTerm(program)] : []),
    { at: diesAt, node: 'server', text: `ends: ${String(end.code)}`, tone: end.code === 0 && lost === 0 ? 'good' : 'bad' },
    ...(lost > 0 ? [{ at: diesAt + QUICK_MS, node: 'listener', text: 'is cut off', tone: 'bad' as const }] : []),
  ]
  return { trace, marks, endsAt: Math.max(diesAt, NEW_AT) + QUICK_MS, end, lost, tables: [tableOf(end, lost)] }
}

/** A request that takes time, and its answer if the server lives to give it. */
function slowRequest(at: number, diesAt: number): NewEvent[] {
  const doneAt = at + SLOW_MS
  const request: NewEvent = { from: 'listener', to: 'server', at, kind: 'request', summary: 'GET /slow' }
  return doneAt > diesAt ? [request] : [request, { from: 'server', to: 'listener', at: doneAt, kind: 'response', summary: '200 OK' }]
}

/** Somebody connects after SIGTERM. A machine refuses for a port on which nobody listens. */
function newRequest(listens: boolean): NewEvent[] {
  return [
    { from: 'listener', to: 'server', at: NEW_AT, kind: 'request', summary: 'a new GET' },
    { from: 'server', to: 'listener', at: NEW_AT + QUICK_MS, kind: 'response', summary: listens ? '200 OK' : 'refused' },
  ]
}

function saidOnTerm(program: string): FigureMark {
  const text = program === 'none' ? 'ignores it' : PROGRAMS[program]?.said ?? ''
  return { at: TERM_AT, node: 'server', text, tone: program === 'none' ? 'bad' : 'busy' }
}

/** @see https://man7.org/linux/man-pages/man7/pid_namespaces.7.html on signals to process 1 */
function endOf({ program, first, kept }: Parameters): End {
  if (program === 'none') return first ? { afterMs: PATIENCE_MS, code: 137 } : { afterMs: 0, code: 143 }
  if (program === 'exit') return { afterMs: 0, code: 0 }
  if (program === 'close' && kept) return { afterMs: PATIENCE_MS, code: 137 }
  return { afterMs: SLOW_MS - TERM_AT, code: 0 }
}

/** What the balancer asks on its connection, for as long as the server lives. */
function probes(program: string, diesAt: number): NewEvent[] {
  const summary = PROGRAMS[program]?.readyz ?? ''
  return PROBES_AT.filter((at) => at < diesAt).flatMap((at): NewEvent[] => [
    { from: 'balancer', to: 'server', at, kind: 'request', summary: 'GET /readyz' },
    { from: 'server', to: 'balancer', at: at + QUICK_MS, kind: 'response', summary },
  ])
}

function tableOf({ afterMs, code }: End, lost: number): { title: string; head: string[]; rows: string[][] } {
  return { title: 'The end', head: ['Answers lost', 'Milliseconds after SIGTERM', 'Exit code'], rows: [[String(lost), String(afterMs), String(code)]] }
}
