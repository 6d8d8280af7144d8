import type { FigureEvent } from './types.ts'

/** What a model says of a message; the rest is filled in. */
export type NewEvent = Pick<FigureEvent, 'from' | 'to' | 'at' | 'kind' | 'summary'> & {
  /** Default: it arrives at once. */
  arrivesAt?: number
  lost?: boolean
  key?: string
  detail?: FigureEvent['detail']
}

/** The events of a run in order of `at`, numbered from 1. */
export function traceOf(events: readonly NewEvent[]): FigureEvent[] {
  return [...events].sort((left, right) => left.at - right.at).map(({ arrivesAt, detail, lost, ...event }, index) => ({
    ...event,
    id: index + 1,
    detail: { ...detail, ...(arrivesAt === undefined ? {} : { endedAt: arrivesAt }) },
    ...(lost === true ? { lost } : {}),
  }))
}
