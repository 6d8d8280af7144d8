import type { TraceEvent } from './types/index.ts'

/** Past this many events a trace keeps counting but drops what it is given: a flood must not fill the memory. */
const MAX_EVENTS = 2_000

/** Gathers what went over the wire during one check. */
export class Trace {
  readonly #events: TraceEvent[] = []
  readonly #beganAt = performance.now()
  #nextId = 1

  /** Milliseconds since this trace began, to a hundredth. */
  now(): number {
    return Math.round((performance.now() - this.#beganAt) * 100) / 100
  }

  /** True when what is added is dropped. */
  get isFull(): boolean {
    return this.#events.length >= MAX_EVENTS
  }

  /** Adds an event now. The returned object may be completed later (a body that still streams in). */
  add(event: Omit<TraceEvent, 'id' | 'at'>): TraceEvent {
    const added: TraceEvent = { id: this.#nextId++, at: this.now(), ...event }
    if (!this.isFull) this.#events.push(added)
    return added
  }

  /** A copy of the events in the order they began. */
  events(): TraceEvent[] {
    return this.#events.map((event) => ({ ...event, detail: { ...event.detail } }))
  }
}
