import type { Control, Figure, FigureParameters, ParameterValue } from './types.ts'

/** All that a link to a figure says. What is not set is as at rest. */
export interface FigureState<P extends FigureParameters = FigureParameters> {
  parameters: P
  seed: number
  /** Milliseconds of the model's time; undefined at rest, which is the end. */
  t?: number
}

type Declared<P extends FigureParameters> = Pick<Figure<P>, 'id' | 'controls' | 'seed'>

/** What a figure shows when nobody has touched it. */
export function restingState<P extends FigureParameters>({ controls, seed }: Declared<P>): FigureState<P> {
  return { parameters: Object.fromEntries(controls.map(({ name, value }) => [name, value])) as P, seed: seed ?? 1 }
}

/** `timeout;cut=reply-1;t=1200`: the figure's id and what differs from rest. Needs no further escaping in a query. */
export function writeState<P extends FigureParameters>(figure: Declared<P>, state: FigureState<P>): string {
  const rest = restingState(figure)
  const changed = figure.controls
    .filter(({ name }) => state.parameters[name] !== rest.parameters[name])
    .map(({ name }) => `${name}=${escaped(String(state.parameters[name]))}`)
  const seed = state.seed === rest.seed ? [] : [`seed=${String(state.seed)}`]
  const time = state.t === undefined ? [] : [`t=${String(Math.round(state.t * 1_000) / 1_000)}`]
  return [figure.id, ...changed, ...seed, ...time].join(';')
}

/** The state that {@link writeState} wrote; what is missing, unknown or impossible is as at rest. Undefined for another figure's. */
export function readState<P extends FigureParameters>(figure: Declared<P>, text: string): FigureState<P> | undefined {
  const [id, ...parts] = text.split(';')
  if (id !== figure.id) return undefined
  const said = new Map(parts.map((part) => [part.split('=')[0] ?? '', unescaped(part.slice(part.indexOf('=') + 1))]))
  const rest = restingState(figure)
  const parameters = Object.fromEntries(figure.controls.map((control) => [control.name, valueOf(control, said.get(control.name))])) as P
  const [seed, t] = [Number(said.get('seed') ?? rest.seed), Number(said.get('t') ?? Number.NaN)]
  return { parameters, seed: Number.isSafeInteger(seed) ? seed : rest.seed, ...(t >= 0 && Number.isFinite(t) ? { t } : {}) }
}

/** The query of a page with this figure's state in it; other figures' states and other members stay. */
export function withState(search: string, id: string, written: string): string {
  const others = search.replace(/^\?/, '').split('&').filter((part) => part !== '' && figureText(part)?.split(';')[0] !== id)
  const all = written === id ? others : [...others, `fig=${written}`]
  return all.length === 0 ? '' : `?${all.join('&')}`
}

/** What a page's query says of this figure. */
export function stateIn<P extends FigureParameters>(figure: Declared<P>, search: string): FigureState<P> | undefined {
  const texts = search.replace(/^\?/, '').split('&').flatMap((part) => figureText(part) ?? [])
  return texts.map((text) => readState(figure, text)).find((state) => state !== undefined)
}

/** `+` joins the members of a set. */
export function membersOf(value: ParameterValue | undefined): string[] {
  return String(value ?? '').split('+').filter((member) => member !== '')
}

/** The set with the member in it if it was not, and without it if it was; in the order of the options. */
export function toggled(control: Control | undefined, value: ParameterValue | undefined, member: string): string {
  const members = new Set(membersOf(value))
  if (!members.delete(member)) members.add(member)
  const known = control?.kind === 'set' ? control.options.map((option) => option.value) : []
  return [...known.filter((name) => members.has(name)), ...[...members].filter((name) => !known.includes(name))].join('+')
}

function valueOf(control: Control, text: string | undefined): ParameterValue {
  if (text === undefined) return control.value
  if (control.kind === 'toggle') return text === 'true'
  if (control.kind === 'set') {
    const members = membersOf(text)
    return control.options.map(({ value }) => value).filter((value) => members.includes(value)).join('+')
  }
  if (control.kind === 'range') return numberOf(control.value, control.min, control.max, text)
  return control.options.some(({ value }) => value === text) ? text : control.value
}

function numberOf(rest: number, min: number, max: number, text: string): number {
  const number = text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? Math.min(max, Math.max(min, number)) : rest
}

/** A mail program may have escaped what we did not. */
function figureText(part: string): string | undefined {
  if (!part.startsWith('fig=')) return undefined
  try {
    return decodeURIComponent(part.slice(4))
  } catch {
    return undefined
  }
}

/** With `*` instead of `%`, so that escaping the whole and undoing it leaves the values alone. */
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll('*', '%2A').replaceAll('%', '*')
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('*', '%'))
  } catch {
    return ''
  }
}
