import { arrivalOf } from './happenings.ts'
import { restingState } from './state.ts'
import type { Control, Figure, FigureParameters, ParameterValue, Simulation } from './types.ts'

/** A change shows within 100 ms, and most of that is the drawing's. */
const RUN_AT_MOST_MS = 25
/** More combinations than this are tried by sample. */
const COMBINATIONS_AT_MOST = 400

/**
 * What is wrong with a model, in sentences; none when all is well. Tries every combination of its controls (of a
 * range the ends, the middle and the default), and a few seeds. For a model's own test:
 * `expect(figureProblems(figure)).toEqual([])`.
 */
export function figureProblems<P extends FigureParameters, S extends Simulation>(figure: Figure<P, S>): string[] {
  const began = performance.now()
  const runs = combinationsOf(figure).map((parameters) => ({ parameters, run: figure.simulate(parameters, figure.seed ?? 1) }))
  const eachMs = (performance.now() - began) / runs.length
  return [...new Set([
    ...declarationProblems(figure),
    ...(eachMs > RUN_AT_MOST_MS ? [`A run takes ${eachMs.toFixed(0)} ms to compute, more than ${String(RUN_AT_MOST_MS)}`] : []),
    ...goalProblems(figure, runs),
    ...runs.flatMap(({ parameters, run }) => runProblems(run).map((problem) => `${JSON.stringify(parameters)}: ${problem}`)),
    ...runs.filter(({ parameters, run }) => !isSame(run, figure.simulate(parameters, figure.seed ?? 1)))
      .map(({ parameters }) => `${JSON.stringify(parameters)}: two runs with one seed differ`),
  ])]
}

/** In which share of `seeds` runs (default 200) the claim holds: a prediction's answer must in 0.95 of them. */
export function shareOfSeeds<P extends FigureParameters, S extends Simulation>(
  figure: Figure<P, S>,
  parameters: Partial<P>,
  holds: (simulation: S) => boolean,
  seeds = 200,
): number {
  const all = { ...restingState(figure).parameters, ...parameters } as P
  return Array.from({ length: seeds }, (_, seed) => figure.simulate(all, seed + 1)).filter(holds).length / seeds
}

/** Every combination of values worth trying. */
export function combinationsOf<P extends FigureParameters>(figure: Figure<P>): P[] {
  let all: Record<string, ParameterValue>[] = [{}]
  for (const control of figure.controls) {
    all = all.flatMap((one) => valuesOf(control).map((value) => ({ ...one, [control.name]: value })))
    const stride = Math.ceil(all.length / COMBINATIONS_AT_MOST)
    all = all.filter((_, index) => index % stride === 0)
  }
  return [restingState(figure).parameters, ...all] as P[]
}

function valuesOf(control: Control): ParameterValue[] {
  if (control.kind === 'toggle') return [false, true]
  if (control.kind === 'range') return [...new Set([control.value, control.min, control.max, middleOf(control)])]
  const names = control.options.map(({ value }) => value)
  return control.kind === 'set' ? subsetsOf(names) : names
}

function middleOf({ min, max, step }: Extract<Control, { kind: 'range' }>): number {
  return min + Math.floor((max - min) / 2 / step) * step
}

function subsetsOf(names: readonly string[]): string[] {
  if (names.length > 6) return ['', ...names, names.join('+')]
  return Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_name, index) => (bits >> index) % 2 === 1).join('+'))
}

function declarationProblems({ id, controls }: Figure): string[] {
  const problems: string[] = []
  if (!/^[a-z0-9-]+$/.test(id)) problems.push(`Expected the id to be of a-z, 0-9 and hyphens, got "${id}"`)
  if (controls.filter(({ inPicture }) => inPicture !== true).length > 3) problems.push('More than three controls are shown')
  if (new Set(controls.map(({ name }) => name)).size < controls.length) problems.push('Two controls have one name')
  for (const control of controls) {
    if (['t', 'seed'].includes(control.name)) problems.push(`"${control.name}" names something else in a link`)
    if (!valuesOf(control).includes(control.value)) problems.push(`The default of "${control.name}" is none of its values`)
  }
  return problems
}

function goalProblems<P extends FigureParameters, S extends Simulation>(
  figure: Figure<P, S>,
  runs: readonly { parameters: P; run: S }[],
): string[] {
  const [resting] = runs
  return (figure.goals ?? []).flatMap(({ id, isReached }) => {
    if (resting !== undefined && isReached(resting.run, resting.parameters)) return [`The goal "${id}" is reached before anything was done`]
    return runs.some(({ parameters, run }) => isReached(run, parameters)) ? [] : [`Nothing that was tried reaches the goal "${id}"`]
  })
}

function runProblems(run: Simulation): string[] {
  const names = new Set(run.nodes?.map(({ id }) => id))
  const times = [
    ...run.trace.flatMap((event) => [event.at, arrivalOf(event)]),
    ...[...(run.marks ?? []), ...(run.nodeChanges ?? []), ...(run.linkChanges ?? [])].map(({ at }) => at),
    ...(run.spans ?? []).flatMap(({ from, to }) => [from, to]),
  ]
  const problems: string[] = []
  if (times.some((at) => !Number.isFinite(at) || at < 0 || at > run.endsAt)) problems.push('something happens before 0 or after endsAt')
  if (run.trace.some(({ id }, index) => index > 0 && id <= (run.trace[index - 1]?.id ?? 0))) problems.push('ids do not rise')
  if (run.trace.some(({ at }, index) => at < (run.trace[index - 1]?.at ?? 0))) problems.push('events are not in order of `at`')
  if (run.trace.some(({ at, detail }) => (detail.endedAt ?? at) < at)) problems.push('a message arrives before it was sent')
  const strangers = run.trace.flatMap(({ from, to }) => [from, to]).filter((name) => names.size > 0 && !names.has(name))
  if (strangers.length > 0) problems.push(`"${strangers[0] ?? ''}" sends or receives and is no node`)
  return problems
}

function isSame(left: Simulation, right: Simulation): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}
