import { arrivalOf, momentText } from './happenings.ts'
import type { DataTable, FigureEvent, Simulation } from './types.ts'

/** A longer table is cut, and says so. */
const ROWS_AT_MOST = 200

/** A run as tables: its messages, its marks, what its actors did, and the model's own. An empty one is left out. */
export function tablesOf({ trace, marks = [], spans = [], tables = [] }: Simulation): DataTable[] {
  const all = [
    { title: 'Messages', head: ['Sent', 'From', 'To', 'What', 'Arrived'], rows: trace.map(rowOf) },
    { title: 'What happened', head: ['When', 'Where', 'What'], rows: marks.map(({ at, node, text }) => [momentText(at), node ?? '', text]) },
    {
      title: 'Who did what',
      head: ['Who', 'What', 'From', 'To'],
      rows: spans.map(({ lane, kind, text, from, to }) => [lane, text === '' ? kind : `${text} (${kind})`, momentText(from), momentText(to)]),
    },
    ...tables,
  ]
  return all.filter(({ rows }) => rows.length > 0).map(cut)
}

function rowOf(event: FigureEvent): string[] {
  const { at, from, to, summary, lost } = event
  return [momentText(at), from, to, summary, lost === true ? '✗ lost' : momentText(arrivalOf(event))]
}

function cut(table: DataTable): DataTable {
  const left = table.rows.length - ROWS_AT_MOST
  if (left <= 0) return table
  return { ...table, title: `${table.title}: the first ${String(ROWS_AT_MOST)}, ${String(left)} more are left out`, rows: table.rows.slice(0, ROWS_AT_MOST) }
}
