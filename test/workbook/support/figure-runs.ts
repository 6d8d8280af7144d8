import fc from 'fast-check'
import { traceOf } from '../../../docs/.vitepress/theme/figure/trace.ts'
import type { Simulation, Tone } from '../../../docs/.vitepress/theme/figure/types.ts'

/** Who speaks in {@link runs}. */
export const NAMES = ['client', 'server', 'ana', 'ben']

const texts = fc.array(fc.string({ unit: fc.constantFrom(...'abcdefghij'), minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 6 }).map((words) => words.join(' '))

/** Runs as a model might make them: any messages between any of four, any marks, within a second. */
export const runs: fc.Arbitrary<Simulation> = fc.record({
  messages: fc.array(fc.record({
    way: fc.constantFrom(...NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const))),
    at: fc.nat(900),
    lasts: fc.nat(100),
    lost: fc.boolean(),
    summary: texts,
  }), { maxLength: 12 }),
  marks: fc.array(fc.record({
    at: fc.nat(1_000),
    text: texts,
    node: fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
    tone: fc.constantFrom<Tone>('plain', 'good', 'bad', 'waiting', 'busy'),
  }), { maxLength: 6 }),
}).map(({ messages, marks }) => ({
  trace: traceOf(messages.map(({ way: [from, to], at, lasts, lost, summary }) => ({ from, to, at, arrivesAt: at + lasts, lost, summary, kind: 'frame' as const }))),
  marks,
  endsAt: 1_000,
}))
