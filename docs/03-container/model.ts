import { membersOf } from '../.vitepress/theme/figure/state.ts'
import type { Figure, Simulation, Tone } from '../.vitepress/theme/figure/types.ts'

export type Parameters = { walls: string; log: string; replaced: boolean }

/** What one side sees. */
export interface View {
  text: string
  tone?: Tone
}

/** A question, and what somebody on the host and the server in its container find. */
export interface Sight {
  label: string
  host: View
  inside: View
}

export interface Run extends Simulation {
  sights: readonly Sight[]
  /** What each side's list of processes says: numbers and programs. */
  processes: { host: readonly string[]; inside: readonly string[] }
  /** Whether the server in its container reaches the host's tide gauge by `localhost`. */
  reachesTheTide: boolean
  /** Lines of the log that the server finds. */
  lines: number
}

/** Lines that the server has written. */
const PLAYED = 3
const SERVER = 'node server.ts'
const OTHERS = ['1 init', '640 tide gauge']

/** One process behind three walls, and what becomes of what it wrote. */
export const figure: Figure<Parameters, Run> = {
  id: 'walls',
  title: 'One server, seen from two sides',
  controls: [
    {
      kind: 'set', name: 'walls', label: 'Walls round', value: 'processes+network+files',
      options: ['processes', 'network', 'files'].map((value) => ({ value, text: value })),
    },
    { kind: 'buttons', name: 'log', label: 'The log is written to', value: 'layer', options: [{ value: 'layer', text: 'the container’s own layer' }, { value: 'volume', text: 'a volume' }] },
    { kind: 'toggle', name: 'replaced', label: 'The container was replaced', value: true },
  ],
  goals: [
    { id: 'same-list', text: 'Give both sides the same list of processes.', isReached: ({ processes: { host, inside } }) => String(host) === String(inside) },
    { id: 'tide', text: 'Let the server inside reach the host’s tide gauge by localhost.', isReached: ({ reachesTheTide }) => reachesTheTide },
    {
      id: 'kept', text: 'With all three walls up, replace the container and keep the log.',
      isReached: ({ lines }, { walls, replaced }) => membersOf(walls).length === 3 && replaced && lines === PLAYED,
    },
  ],
  simulate,
}

function simulate({ walls, log, replaced }: Parameters): Run {
  const has = (wall: string): boolean => membersOf(walls).includes(wall)
  // A new container is a new process. Its number on the host is another one, and inside it is 1 again.
  const host = [...OTHERS, `${replaced ? '2655' : '2417'} ${SERVER}`]
  const processes = { host, inside: has('processes') ? [`1 ${SERVER}`] : host }
  const reachesTheTide = !has('network')
  const isOwn = has('files') && log === 'layer'
  const lines = isOwn && replaced ? 0 : PLAYED
  const sights = [
    { label: 'The server is', host: serverIn(host), inside: serverIn(processes.inside) },
    { label: 'Beside it', host: othersIn(host), inside: othersIn(processes.inside) },
    { label: 'Kernel', host: { text: 'this machine’s' }, inside: { text: 'the same one' } },
    { label: 'Port 5000 of localhost', host: answered(true), inside: answered(reachesTheTide) },
    { label: 'Files at /', host: { text: 'the machine’s' }, inside: { text: has('files') ? 'the image’s, and a layer to write on' : 'the machine’s' } },
    { label: 'The log', host: seenOnTheHost({ isOwn, replaced }), inside: logOf(lines) },
  ]
  return { trace: [], endsAt: 0, sights, processes, reachesTheTide, lines, tables: [tableOf(sights)] }
}

function serverIn(list: readonly string[]): View {
  return { text: `process ${list.at(-1)?.split(' ')[0] ?? ''}`, tone: 'busy' }
}

function othersIn(list: readonly string[]): View {
  return { text: list.slice(0, -1).join(', ') || 'nothing' }
}

function answered(isThere: boolean): View {
  return isThere ? { text: 'the tide gauge answers', tone: 'good' } : { text: 'refused: nobody listens', tone: 'bad' }
}

function logOf(lines: number): View {
  return lines === 0 ? { text: 'no such file', tone: 'bad' } : { text: `${String(lines)} lines`, tone: 'good' }
}

/** The layer of a running container lies somewhere in the engine's own folders, and goes with the container. */
function seenOnTheHost({ isOwn, replaced }: { isOwn: boolean; replaced: boolean }): View {
  if (!isOwn) return logOf(PLAYED)
  return replaced ? { text: 'removed with its container', tone: 'bad' } : { text: 'in a folder of the engine', tone: 'waiting' }
}

function tableOf(sights: readonly Sight[]): { title: string; head: string[]; rows: string[][] } {
  return { title: 'What each side sees', head: ['Asked for', 'From the host', 'From inside'], rows: sights.map(({ label, host, inside }) => [label, host.text, inside.text]) }
}
