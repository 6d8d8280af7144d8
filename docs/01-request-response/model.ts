import { momentText } from '../.vitepress/theme/figure/happenings.ts'
import { membersOf } from '../.vitepress/theme/figure/state.ts'
import { traceOf, type NewEvent } from '../.vitepress/theme/figure/trace.ts'
import type { Figure, FigureMark, Simulation } from '../.vitepress/theme/figure/types.ts'
import { methodOf, methods, type Method } from './methods.ts'

export type Parameters = { cut: string; retries: boolean; method: string }

/** How many shows the guide holds from `at` on. */
export interface GuideChange {
  at: number
  shows: number
}

export interface Run extends Simulation {
  /** The first is how it was before. */
  guide: readonly GuideChange[]
  /** How often the server carried the request out. */
  carriedOut: number
  /** The answers that reached the client. */
  heard: readonly { at: number; answer: string }[]
}

const UNDERWAY_MS = 40
const WORK_MS = 10
const TIMEOUT_MS = 5_000
/** From the time-out until the button is pressed again. */
const PAUSE_MS = 1_000

/** What a client and a server go through when one of their messages is lost. */
export const figure: Figure<Parameters, Run> = {
  id: 'which-arrow',
  title: 'Lose the request, or lose the answer',
  controls: [
    {
      kind: 'set',
      name: 'cut',
      label: 'Cut',
      value: 'reply-1',
      inPicture: true,
      options: [
        { value: 'request-1', text: 'the first request' },
        { value: 'reply-1', text: 'its answer' },
        { value: 'request-2', text: 'the second request' },
        { value: 'reply-2', text: 'its answer' },
      ],
    },
    { kind: 'buttons', name: 'method', label: 'The request', value: 'POST', options: methods.map(({ name, summary }) => ({ value: name, text: summary })) },
    { kind: 'toggle', name: 'retries', label: 'After a time-out the client tries again', value: false },
  ],
  goals: [
    { id: 'nothing', text: 'Make the client time out with nothing booked.', isReached: (run, { method }) => method === 'POST' && timesOut(run) && run.carriedOut === 0 },
    { id: 'twice', text: 'Book the show twice.', isReached: (run, { method }) => method === 'POST' && run.carriedOut === 2 },
    { id: 'harmless', text: 'Make the retry harmless: the server carries the request out twice, and the guide is as after once.', isReached: isHarmless },
  ],
  simulate,
}

/** How many shows the guide holds at `t`. */
export function showsAt({ guide }: Run, t: number): number {
  return guide.findLast(({ at }) => at <= t)?.shows ?? 0
}

/** `1 show`. */
export function showsText(shows: number): string {
  return shows === 0 ? 'no show' : `${String(shows)} ${shows === 1 ? 'show' : 'shows'}`
}

/** All that the client can know: what it sent, what reached it, and when it gave up. */
export function clientView({ trace, marks = [] }: Simulation): { at: number; text: string }[] {
  const sent = trace.filter(({ from }) => from === 'client').map(({ at, summary }) => ({ at, text: `sends ${summary}` }))
  const received = trace.filter(({ to, lost }) => to === 'client' && lost !== true)
    .map(({ at, summary, detail }) => ({ at: detail.endedAt ?? at, text: `receives ${summary}` }))
  const felt = marks.filter(({ node }) => node === 'client').map(({ at, text }) => ({ at, text }))
  return [...sent, ...received, ...felt].sort((left, right) => left.at - right.at)
}

function simulate({ cut, retries, method: name }: Parameters): Run {
  const method = methodOf(name)
  const first = attempt(1, 0, method, method.before, membersOf(cut))
  const secondAt = TIMEOUT_MS + PAUSE_MS
  const attempts = retries && first.heard.length === 0 ? [first, attempt(2, secondAt, method, first.shows, membersOf(cut))] : [first]
  const guide = [{ at: 0, shows: method.before }, ...attempts.flatMap(({ change }) => change)]
  return {
    trace: traceOf(attempts.flatMap(({ events }) => events)),
    marks: attempts.flatMap(({ marks }) => marks),
    guide,
    carriedOut: attempts.flatMap(({ change }) => change).length,
    heard: attempts.flatMap(({ heard }) => heard),
    endsAt: attempts.at(-1)?.endsAt ?? 0,
    tables: [{ title: 'The guide', head: ['From', 'Shows in it'], rows: guide.map(({ at, shows }) => [momentText(at), String(shows)]) }],
  }
}

interface Attempt {
  events: NewEvent[]
  marks: FigureMark[]
  change: GuideChange[]
  heard: { at: number; answer: string }[]
  shows: number
  endsAt: number
}

/** One request, and what becomes of it. */
function attempt(number: 1 | 2, at: number, { summary, carryOut }: Method, shows: number, cut: readonly string[]): Attempt {
  const [request, reply] = [`request-${String(number)}`, `reply-${String(number)}`]
  const [arrivesAt, answeredAt, heardAt] = [at + UNDERWAY_MS, at + UNDERWAY_MS + WORK_MS, at + 2 * UNDERWAY_MS + WORK_MS]
  const sent: NewEvent = { key: request, from: 'client', to: 'server', at, arrivesAt, kind: 'request', summary, lost: cut.includes(request) }
  const gaveUp: FigureMark = { at: at + TIMEOUT_MS, node: 'client', text: 'times out', tone: 'waiting' }
  if (sent.lost === true) return { events: [sent], marks: [gaveUp], change: [], heard: [], shows, endsAt: gaveUp.at }
  const effect = carryOut(shows)
  const isLost = cut.includes(reply)
  return {
    events: [sent, { key: reply, from: 'server', to: 'client', at: answeredAt, arrivesAt: heardAt, kind: 'response', summary: effect.answer, lost: isLost }],
    marks: [{ at: arrivesAt, node: 'server', ...effect.mark }, ...(isLost ? [gaveUp] : [])],
    change: [{ at: arrivesAt, shows: effect.shows }],
    heard: isLost ? [] : [{ at: heardAt, answer: effect.answer }],
    shows: effect.shows,
    endsAt: isLost ? gaveUp.at : heardAt,
  }
}

function timesOut({ marks = [] }: Run): boolean {
  return marks.some(({ text }) => text === 'times out')
}

function isHarmless({ carriedOut, guide }: Run): boolean {
  return carriedOut === 2 && guide[1]?.shows === guide[2]?.shows
}
