import { momentText } from '../.vitepress/theme/figure/happenings.ts'
import { membersOf } from '../.vitepress/theme/figure/state.ts'
import { traceOf, type NewEvent } from '../.vitepress/theme/figure/trace.ts'
import type { Figure, FigureMark, Simulation } from '../.vitepress/theme/figure/types.ts'
import { Agenda } from './agenda.ts'

export type Parameters = { cut: string; retry: number; server: string }

export interface Run extends Simulation {
  /** How often the song was added, and when. */
  added: readonly number[]
  heard: readonly number[]
}

const UNDERWAY_MS = 20
const READ_MS = 20
const WRITE_MS = 80
/** From what the server has done to its answer. */
const ANSWER_MS = 10

/** One client that asks for a song, and asks again when it has heard nothing. */
export const figure: Figure<Parameters, Run> = {
  id: 'one-song',
  title: 'One song, asked for twice',
  controls: [
    {
      kind: 'set',
      name: 'cut',
      label: 'Cut',
      value: 'reply-1',
      inPicture: true,
      options: [{ value: 'request-1', text: 'the first request' }, { value: 'reply-1', text: 'its answer' }],
    },
    { kind: 'range', name: 'retry', label: 'Without an answer the client asks again after', value: 300, min: 20, max: 400, step: 20, unit: 'ms' },
    {
      kind: 'buttons',
      name: 'server',
      label: 'The server',
      value: 'none',
      options: [
        { value: 'none', text: 'knows no keys' },
        { value: 'after', text: 'notes the key after the work' },
        { value: 'turn', text: 'key and work in one turn' },
      ],
    },
  ],
  goals: [
    { id: 'once', text: 'Lose the answer, and still add the song once.', isReached: ({ added }, { cut }) => cut === 'reply-1' && added.length === 1 },
    { id: 'despite', text: 'Add it twice although the server notes the key.', isReached: ({ added }, { server }) => server === 'after' && added.length === 2 },
    { id: 'never', text: 'Ask again as early as you can, and still add it once.', isReached: ({ added }, { retry }) => retry === 20 && added.length === 1 },
  ],
  simulate: (parameters) => new Desk(parameters).run(),
}

/** How often the song is in the list at `t`. */
export function songsAt({ added }: Run, t: number): number {
  return added.filter((at) => at <= t).length
}

class Desk {
  readonly #agenda = new Agenda()
  readonly #parameters: Parameters
  readonly #cut: readonly string[]
  readonly #events: NewEvent[] = []
  readonly #marks: FigureMark[] = []
  readonly #added: number[] = []
  readonly #heard: number[] = []
  readonly #waiting: (() => void)[] = []
  #isKeyKnown = false
  #isBusy = false

  constructor(parameters: Parameters) {
    this.#parameters = parameters
    this.#cut = membersOf(parameters.cut)
  }

  run(): Run {
    this.#ask(1)
    this.#agenda.after(this.#parameters.retry, () => {
      if (this.#heard.length === 0) this.#ask(2)
    })
    this.#agenda.run()
    const rows = this.#added.map((at, index) => [momentText(at), String(index + 1)])
    return {
      trace: traceOf(this.#events),
      marks: this.#marks,
      endsAt: this.#agenda.now,
      added: this.#added,
      heard: this.#heard,
      tables: [{ title: 'The list', head: ['From', 'Times that the song is in it'], rows: [[momentText(0), '0'], ...rows] }],
    }
  }

  #ask(attempt: number): void {
    const key = this.#parameters.server === 'none' ? '' : ', key K'
    this.#carry(`request-${String(attempt)}`, 'client', 'server', `POST /requests Fog${key}`, () => {
      if (this.#parameters.server === 'none') this.#work(attempt)
      else if (this.#parameters.server === 'after') this.#look(attempt)
      else this.#inTurn(() => this.#look(attempt))
    })
  }

  #inTurn(work: () => void): void {
    if (this.#isBusy) {
      this.#mark('the second waits for the first', 'waiting')
      this.#waiting.push(work)
    } else {
      this.#isBusy = true
      work()
    }
  }

  #look(attempt: number): void {
    this.#agenda.after(READ_MS, () => {
      if (!this.#isKeyKnown) return this.#work(attempt)
      this.#mark('knows the key', 'good')
      this.#answer(attempt)
    })
  }

  #work(attempt: number): void {
    this.#agenda.after(WRITE_MS, () => {
      this.#added.push(this.#agenda.now)
      this.#isKeyKnown = true
      this.#mark(this.#added.length === 1 ? 'adds Fog' : 'adds Fog again', this.#added.length === 1 ? 'busy' : 'bad')
      this.#answer(attempt)
    })
  }

  #answer(attempt: number): void {
    const id = this.#added.length === 2 ? attempt : 1
    this.#agenda.after(ANSWER_MS, () => {
      this.#carry(`reply-${String(attempt)}`, 'server', 'client', `201 Created, id ${String(id)}`, () => this.#heard.push(this.#agenda.now))
    })
    this.#isBusy = false
    this.#waiting.shift()?.()
  }

  #mark(text: string, tone: 'good' | 'bad' | 'busy' | 'waiting'): void {
    this.#marks.push({ at: this.#agenda.now, node: 'server', text, tone })
  }

  #carry(key: string, from: string, to: string, summary: string, arrived: () => void): void {
    const [at, lost] = [this.#agenda.now, this.#cut.includes(key)]
    this.#events.push({ key, from, to, at, arrivesAt: at + UNDERWAY_MS, kind: from === 'client' ? 'request' : 'response', summary, lost })
    this.#agenda.after(UNDERWAY_MS, () => {
      if (!lost) arrived()
    })
  }
}
