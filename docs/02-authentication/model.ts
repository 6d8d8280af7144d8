import { traceOf, type NewEvent } from '../.vitepress/theme/figure/trace.ts'
import type { DataTable, Figure, FigureMark, Simulation } from '../.vitepress/theme/figure/types.ts'
import { kindOf, kinds, type Believed, type TokenKind } from './tokens.ts'

export type Parameters = { token: string; edited: boolean; out: string }

/** What the server makes of what Eve sends. */
export interface Belief {
  /** When it has made up its mind. */
  at: number
  sent: string
  finding: string
  believed: Believed
  /** May she add a show: the status. */
  show: '201 Created' | '403 Forbidden' | '401 Unauthorized'
}

export interface Run extends Simulation {
  belief: Belief
}

const UNDERWAY_MS = 20
/** So long a server or a person takes; a note has a row of its own then. */
const WORK_MS = 10

/** One stolen token, three ways to make tokens, three ways to sign out. */
export const figure: Figure<Parameters, Run> = {
  id: 'whose-token',
  title: 'Eve has copied Ada’s token. Whom does the server believe?',
  controls: [
    { kind: 'buttons', name: 'token', label: 'Tokens are', value: 'signed', options: kinds.map(({ value, text }) => ({ value, text })) },
    {
      kind: 'buttons', name: 'out', label: 'Ada signs out', value: 'client',
      options: [{ value: 'no', text: 'not at all' }, { value: 'client', text: 'by deleting her copy' }, { value: 'server', text: 'on the server' }],
    },
    { kind: 'toggle', name: 'edited', label: 'Eve changes one character', value: false },
  ],
  goals: [
    { id: 'ida', text: 'Make Eve a presenter by one character.', isReached: ({ belief }) => belief.believed === 'ida' },
    {
      id: 'still-ada', text: 'Let Ada sign out on the server, be answered 204, and let Eve’s copy work all the same.',
      isReached: ({ belief }, { out, edited }) => out === 'server' && !edited && belief.believed === 'ada',
    },
    {
      id: 'dead', text: 'Make Eve’s unchanged copy worthless.',
      isReached: ({ belief }, { edited }) => !edited && belief.believed === 'nobody',
    },
  ],
  simulate,
}

function simulate({ token, edited, out }: Parameters): Run {
  const kind = kindOf(token)
  const events: NewEvent[] = []
  const marks: FigureMark[] = []
  let at = 0
  const say = (from: string, to: string, summary: string): void => {
    events.push({ from, to, at, arrivesAt: at + UNDERWAY_MS, kind: from === 'server' ? 'response' : 'request', summary })
    at += UNDERWAY_MS
  }
  const mark = (node: string, text: string, tone: FigureMark['tone']): void => {
    marks.push({ at, node, text, tone })
    at += WORK_MS
  }

  say('Ada', 'server', 'POST /sessions')
  say('server', 'Ada', '201, a token')
  at += WORK_MS
  mark('Eve', 'copies the token', 'bad')
  if (out === 'client') mark('Ada', 'deletes her copy', 'waiting')
  if (out === 'server') {
    say('Ada', 'server', 'DELETE /sessions/…')
    mark('server', kind.isForgotten ? 'forgets it' : 'has nothing to forget', kind.isForgotten ? 'good' : 'bad')
    say('server', 'Ada', '204 No Content')
  }
  at += WORK_MS
  say('Eve', 'server', 'GET /me')
  const belief = { at, ...judged(kind, edited, out) }
  mark('server', belief.finding, belief.believed === 'nobody' ? 'good' : 'bad')
  say('server', 'Eve', belief.believed === 'nobody' ? '401 Unauthorized' : `200, ${belief.believed}`)
  say('Eve', 'server', 'POST /shows')
  say('server', 'Eve', belief.show)
  return { trace: traceOf(events), marks, endsAt: at, belief, tables: [tableOf(kind, belief)] }
}

function judged(kind: TokenKind, isEdited: boolean, out: string): Omit<Belief, 'at'> {
  const sent = isEdited ? kind.edited : kind.token
  const isDead = out === 'server' && kind.isForgotten
  const believed = isEdited ? kind.editedIs : isDead ? 'nobody' : 'ada'
  const finding = isEdited || isDead ? kind.findingIfEdited : kind.finding
  return { sent, finding, believed, show: believed === 'nobody' ? '401 Unauthorized' : believed === 'ida' ? '201 Created' : '403 Forbidden' }
}

/** What the picture's grid says. */
export function rowsOf({ work }: TokenKind, { sent, finding, believed, show }: Belief): [label: string, text: string][] {
  return [['Eve sends', sent], ['The server', work], ['It finds', finding], ['It believes she is', believed], ['She adds a show', show]]
}

function tableOf(kind: TokenKind, belief: Belief): DataTable {
  return { title: 'Whom does it believe?', head: ['', 'In the end'], rows: rowsOf(kind, belief) }
}
