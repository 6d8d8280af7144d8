import type { Tone } from '../.vitepress/theme/figure/types.ts'
import { otherThan, type Name } from './frames.ts'
import { isMixedUp, listOf, type Outcome, type Side } from './outcomes.ts'

/** What one half has, in words. */
export interface Cell {
  text: string
  tone?: Tone
}

/** One program: its client half, its server half, and whom its `/peers` names. */
export interface Column {
  label: string
  /** In the order of {@link ROWS}. */
  cells: readonly Cell[]
}

export const ROWS = ['Client half asks', 'Server half sends', '/peers'] as const

interface Situation {
  hasRoles: boolean
  isCut: boolean
}

/** What a side's two halves have at this moment. In a program of one role the other half is missing. */
export function columnOf(side: Side, outcomes: readonly Outcome[], { hasRoles, isCut }: Situation): Column {
  const { name } = side
  const asked = outcomes.filter(({ question }) => question.asker === name)
  const served = outcomes.filter(({ question, sent }) => question.asker !== name && sent > 0)
  const none: Cell = { text: 'no such half' }
  return {
    label: hasRoles ? `${name}, ${roleOf(name)}` : name,
    cells: [
      hasRoles && roleOf(name) === 'server' ? none : askingCell(asked),
      hasRoles && roleOf(name) === 'client' ? none : answeringCell(served),
      listCell(side, isCut),
    ],
  }
}

/** Who called is the client, for those who believe in roles. */
function roleOf(name: Name): 'client' | 'server' {
  return name === 'Ben' ? 'client' : 'server'
}

function askingCell(asked: readonly Outcome[]): Cell {
  if (asked.length === 0) return { text: 'idle' }
  const isBad = asked.some((outcome) => outcome.status === 504 || isMixedUp(outcome))
  const isOpen = asked.some(({ status }) => status === undefined)
  return { text: asked.map(askedText).join('; '), tone: isBad ? 'bad' : isOpen ? 'waiting' : 'good' }
}

function askedText(outcome: Outcome): string {
  const { question, got, status } = outcome
  if (isMixedUp(outcome)) return `${question.title}: got ${listOf(got)}`
  if (status !== undefined) return `${question.title}: ${String(status)}`
  return `${question.title}: ${String(got.length)} of ${String(question.chunks)}`
}

function answeringCell(served: readonly Outcome[]): Cell {
  if (served.length === 0) return { text: 'idle' }
  const isBad = served.some(({ lost }) => lost > 0)
  const isBusy = served.some(({ question, sent }) => sent < question.chunks)
  return { text: served.map(servedText).join('; '), tone: isBad ? 'bad' : isBusy ? 'busy' : 'good' }
}

function servedText({ question, sent, lost }: Outcome): string {
  return `${question.title}: ${String(sent)} of ${String(question.chunks)}${lost > 0 ? `, ${String(lost)} lost` : ''}`
}

function listCell({ name, isListing }: Side, isCut: boolean): Cell {
  if (!isListing) return { text: 'nobody' }
  return isCut ? { text: `still ${otherThan(name)}`, tone: 'bad' } : { text: otherThan(name), tone: 'good' }
}
