import { momentText } from '../.vitepress/theme/figure/happenings.ts'
import { traceOf, type NewEvent } from '../.vitepress/theme/figure/trace.ts'
import type { Figure, FigureMark, Simulation } from '../.vitepress/theme/figure/types.ts'
import { Agenda } from './agenda.ts'

export type Parameters = { begins: number; server: string }

/** What the playlist holds from `at` on. */
export interface Change {
  at: number
  tracks: readonly string[]
}

export interface Run extends Simulation {
  /** The first is how it was before. */
  changes: readonly Change[]
  /** What each editor was told last, and when. */
  heard: readonly { at: number; editor: string; answer: string }[]
  /** Whose track was acknowledged and is not there in the end. */
  lost: readonly string[]
}

interface Editor {
  name: string
  track: string
}

const INES: Editor = { name: 'Ines', track: 'Gulls' }
const BEN: Editor = { name: 'Ben', track: 'Fog' }
const PATH = '/playlists/night'
const UNDERWAY_MS = 20
const READ_MS = 20
const WRITE_MS = 120
/** From what the server has done to its answer. */
const ANSWER_MS = 10
/** What an editor needs to add a track; after a refusal the track is known. */
const EDIT_MS = 200
const AGAIN_MS = 60
/** So that Ben may also begin before Ines. */
const INES_BEGINS_MS = 200

/** Two editors of one playlist: each reads it, adds a track, and writes it back. */
export const figure: Figure<Parameters, Run> = {
  id: 'two-editors',
  title: 'Two editors, one playlist',
  controls: [
    { kind: 'range', name: 'begins', label: 'Ben begins after Ines, by', value: 160, min: -200, max: 400, step: 20, unit: 'ms' },
    {
      kind: 'buttons',
      name: 'server',
      label: 'The server',
      value: 'writes',
      options: [
        { value: 'writes', text: 'writes what comes' },
        { value: 'compares', text: 'compares tags, then writes' },
        { value: 'turn', text: 'compares and writes in one turn' },
      ],
    },
  ],
  goals: [
    { id: 'other', text: 'Lose Ben’s track instead of Ines’s.', isReached: ({ lost }, { server }) => server === 'writes' && lost.includes('Ben') },
    { id: 'luck', text: 'Leave the server as it is, and lose nothing.', isReached: ({ lost }, { server }) => server === 'writes' && lost.length === 0 },
    { id: 'race', text: 'Let it compare tags, and lose a track all the same.', isReached: ({ lost }, { server }) => server === 'compares' && lost.length > 0 },
    { id: 'turn', text: 'Let them begin within 100 ms of each other, and lose nothing.', isReached: ({ lost }, { begins }) => Math.abs(begins) <= 100 && lost.length === 0 },
  ],
  simulate: ({ begins, server }) => new Station(server).run(begins),
}

/** What the playlist holds at `t`. */
export function tracksAt({ changes }: Run, t: number): readonly string[] {
  return changes.findLast(({ at }) => at <= t)?.tracks ?? []
}

/** The server and all that happens to it. */
class Station {
  readonly #agenda = new Agenda()
  readonly #server: string
  readonly #events: NewEvent[] = []
  readonly #marks: FigureMark[] = []
  readonly #changes: Change[] = [{ at: 0, tracks: ['Tide'] }]
  readonly #heard: { at: number; editor: string; answer: string }[] = []
  readonly #waiting: (() => void)[] = []
  #tag = 1
  #isBusy = false

  constructor(server: string) {
    this.#server = server
  }

  run(begins: number): Run {
    this.#agenda.after(INES_BEGINS_MS, () => this.#read(INES, EDIT_MS))
    this.#agenda.after(INES_BEGINS_MS + begins, () => this.#read(BEN, EDIT_MS))
    this.#agenda.run()
    const first = Math.min(...this.#events.map(({ at }) => at))
    return this.#told(first)
  }

  get #tracks(): readonly string[] {
    return this.#changes.at(-1)?.tracks ?? []
  }

  #read(editor: Editor, editMs: number): void {
    this.#send(editor, `GET ${PATH}`, () => {
      this.#agenda.after(READ_MS, () => {
        const [tracks, tag] = [this.#tracks, this.#tag]
        this.#answer(editor, `200, tag ${String(tag)}: ${tracks.join(', ')}`, () => {
          this.#agenda.after(editMs, () => this.#write(editor, [...tracks, editor.track], tag))
        })
      })
    })
  }

  #write(editor: Editor, tracks: readonly string[], tag: number): void {
    const condition = this.#server === 'writes' ? '' : `, If-Match: ${String(tag)}`
    this.#send(editor, `PUT ${tracks.join(', ')}${condition}`, () => {
      if (this.#server === 'writes') this.#store(editor, tracks)
      else if (this.#server === 'compares') this.#compare(editor, tracks, tag)
      else this.#inTurn(() => this.#compare(editor, tracks, tag))
    })
  }

  #inTurn(work: () => void): void {
    if (this.#isBusy) this.#waiting.push(work)
    else {
      this.#isBusy = true
      work()
    }
  }

  #endTurn(): void {
    this.#isBusy = false
    const next = this.#waiting.shift()
    if (next !== undefined) this.#inTurn(next)
  }

  #compare(editor: Editor, tracks: readonly string[], tag: number): void {
    this.#agenda.after(READ_MS, () => {
      if (tag === this.#tag) return this.#store(editor, tracks)
      this.#mark(`tag ${String(tag)}? It is ${String(this.#tag)}`, 'busy')
      this.#agenda.after(ANSWER_MS, () => this.#answer(editor, '412 Precondition Failed', () => this.#read(editor, AGAIN_MS)))
      this.#endTurn()
    })
  }

  #store(editor: Editor, tracks: readonly string[]): void {
    this.#agenda.after(WRITE_MS, () => {
      const gone = this.#tracks.filter((track) => !tracks.includes(track))
      this.#changes.push({ at: this.#agenda.now, tracks })
      this.#tag += 1
      const tag = this.#server === 'writes' ? '' : `, tag ${String(this.#tag)}`
      this.#mark(gone.length === 0 ? `now ${tracks.join(', ')}` : `${gone.join(', ')} is gone`, gone.length === 0 ? 'good' : 'bad')
      this.#agenda.after(ANSWER_MS, () => this.#answer(editor, `200 OK${tag}`, () => undefined))
      this.#endTurn()
    })
  }

  #mark(text: string, tone: 'good' | 'bad' | 'busy'): void {
    this.#marks.push({ at: this.#agenda.now, node: 'server', text, tone })
  }

  #send(editor: Editor, summary: string, arrived: () => void): void {
    this.#carry(editor.name, 'server', 'request', summary, arrived)
  }

  #answer(editor: Editor, summary: string, arrived: () => void): void {
    this.#carry('server', editor.name, 'response', summary, () => {
      this.#heard.push({ at: this.#agenda.now, editor: editor.name, answer: summary })
      arrived()
    })
  }

  #carry(from: string, to: string, kind: 'request' | 'response', summary: string, arrived: () => void): void {
    const at = this.#agenda.now
    this.#events.push({ from, to, at, arrivesAt: at + UNDERWAY_MS, kind, summary })
    this.#agenda.after(UNDERWAY_MS, arrived)
  }

  /** The run, with its first message at 0. */
  #told(first: number): Run {
    const shift = <T extends { at: number }>(one: T): T => ({ ...one, at: one.at - first })
    const changes = this.#changes.map((change) => ({ ...change, at: Math.max(0, change.at - first) }))
    return {
      trace: traceOf(this.#events.map((event) => ({ ...shift(event), arrivesAt: (event.arrivesAt ?? event.at) - first }))),
      marks: this.#marks.map(shift),
      endsAt: this.#agenda.now - first,
      changes,
      heard: this.#heard.map(shift),
      lost: [INES, BEN].filter(({ track }) => !this.#tracks.includes(track)).map(({ name }) => name),
      tables: [{ title: 'The playlist', head: ['From', 'Tracks'], rows: changes.map(({ at, tracks }) => [momentText(at), tracks.join(', ')]) }],
    }
  }
}
