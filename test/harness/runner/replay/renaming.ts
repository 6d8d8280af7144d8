import type { TraceEvent } from '../../types/index.ts'

/** Members whose values a program makes up, different in each run. */
const MADE_UP = /^id$|[a-z]Id$|^token$|^key$|At$/

/** Values that look made up wherever they stand: UUIDs, long hex or base64, moments. */
const LOOKS_MADE_UP = /^[0-9a-f-]{16,}$|^[\w-]{20,}$|^\d{4}-\d\d-\d\dT[\d:.]+Z$/i

/** Shorter values are exchanged only where they are a whole segment of a path: `1` stands in too many places. */
const LONG = 8

/**
 * What the program called things in the recorded run, and what it calls them now: a show that was made again has
 * another id, and the requests that follow must ask for that one.
 */
export class Renaming {
  readonly #names = new Map<string, string>()

  /** True when `now` is what `before` is called in this run. */
  isSame(before: string, now: string): boolean {
    return before === now || this.#names.get(before) === now
  }

  get size(): number {
    return this.#names.size
  }

  /** Reads what two answers to the same request call their things. */
  learn(before: TraceEvent, now: TraceEvent): void {
    this.#compare(parsed(before.detail.body), parsed(now.detail.body), '')
    const [old = [], fresh = []] = [before, now].map(({ detail }) => locationOf(detail.head))
    if (old.length !== fresh.length) return
    old.forEach((segment, place) => { this.#add(segment, fresh[place] ?? '') })
  }

  /** A request's target in this run's names. */
  inTarget(target: string): string {
    const [path = '', ...rest] = target.split('?')
    const renamed = path.split('/').map((segment) => this.#names.get(segment) ?? segment).join('/')
    return [renamed, ...rest].join('?')
  }

  /** Headers or a body in this run's names. */
  inText(text: string): string {
    return [...this.#names].filter(([old]) => old.length >= LONG).reduce((all, [old, fresh]) => all.replaceAll(old, fresh), text)
  }

  #compare(before: unknown, now: unknown, name: string): void {
    if (isContainer(before) && isContainer(now)) {
      for (const key of Object.keys(before)) if (Object.hasOwn(now, key)) this.#compare(before[key], now[key], key)
      return
    }
    const [old, fresh] = [before, now].map((value) => (typeof value === 'string' || typeof value === 'number' ? String(value) : ''))
    if (old === undefined || fresh === undefined) return
    if (MADE_UP.test(name) || (LOOKS_MADE_UP.test(old) && LOOKS_MADE_UP.test(fresh))) this.#add(old, fresh)
  }

  #add(old: string, fresh: string): void {
    if (old !== fresh && old !== '' && fresh !== '') this.#names.set(old, fresh)
  }
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}

function locationOf(head = ''): string[] {
  return /^location: *(\S+)/im.exec(head)?.[1]?.split('/') ?? []
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
