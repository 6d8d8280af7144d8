/** One axis. `min` and `max` default to what the data needs. */
export interface Axis {
  label: string
  unit?: string
  scale?: 'linear' | 'log'
  min?: number
  max?: number
}

export interface Series {
  label: string
  points: readonly (readonly [x: number, y: number])[]
  /** Default `line`. */
  kind?: 'line' | 'points'
}

export interface Scale {
  /** 0 to 100 along the axis. */
  at(value: number): number
  ticks: number[]
}

const TICKS = 4

/**
 * Maps values to percent of an axis. A logarithmic one leaves out what is not above 0.
 * @throws RangeError when a logarithmic axis has nothing above 0
 */
export function scaleOf(axis: Axis, values: readonly number[]): Scale {
  return axis.scale === 'log' ? logScale(axis, values.filter((value) => value > 0)) : linearScale(axis, values)
}

/** `1`, `0.25`, `12k`, `3.4M`, for the ends of ticks. */
export function numberText(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`
  if (size >= 1e4) return `${trimmed(value / 1e3)}k`
  return trimmed(value)
}

/** Percent at which labels stand, at least `gap` apart and inside 0 to 100, as near as possible to where they belong. */
export function spreadLabels(wanted: readonly number[], gap: number): number[] {
  const order = wanted.map((place, index) => ({ place, index })).sort((left, right) => left.place - right.place)
  let lowest = 0
  for (const one of order) {
    one.place = Math.max(one.place, lowest)
    lowest = one.place + gap
  }
  let highest = 100
  for (const one of order.toReversed()) {
    one.place = Math.min(one.place, highest)
    highest = one.place - gap
  }
  return order.sort((left, right) => left.index - right.index).map(({ place }) => place)
}

function linearScale({ min, max }: Axis, values: readonly number[]): Scale {
  const low = min ?? Math.min(0, ...values)
  const high = max ?? Math.max(...values, low)
  const step = niceStep((high - low || 1) / TICKS)
  const [first, last] = [min ?? Math.floor(low / step) * step, max ?? Math.max(Math.ceil(high / step) * step, low + step)]
  const ticks = Array.from({ length: Math.floor((last - first) / step + 1e-9) + 1 }, (_, index) => Number((first + index * step).toPrecision(12)))
  return { at: (value) => ((value - first) / (last - first || 1)) * 100, ticks }
}

function logScale({ min, max, label }: Axis, values: readonly number[]): Scale {
  const [low, high] = [min ?? Math.min(...values), max ?? Math.max(...values)]
  if (!(low > 0) || !Number.isFinite(high)) throw new RangeError(`Expected values above 0 on the logarithmic axis "${label}"`)
  const [first, last] = [Math.floor(Math.log10(low) + 1e-9), Math.max(Math.ceil(Math.log10(high) - 1e-9), Math.floor(Math.log10(low) + 1e-9) + 1)]
  const stride = Math.ceil((last - first) / 6)
  const powers = Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, index) => first + index * stride)
  return { at: (value) => ((Math.log10(value) - first) / (last - first)) * 100, ticks: powers.map((power) => 10 ** power) }
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10
  return factor * power
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)))
}
