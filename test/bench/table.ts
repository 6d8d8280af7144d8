import { median, p95 } from './statistics.ts'

/** One measured figure beside what it is to be compared with. All times in milliseconds. */
export interface Row {
  name: string
  samples: number[]
  /** What the floor is, in words. */
  floorName: string
  /** Measured in the same run, between the samples. One value when the floor is a fixed limit. */
  floor: number[]
  /** The ratio of the medians that is to be reached: at most this. */
  reach: number
}

/** A row as it is printed and written as JSON. */
export interface Figure {
  name: string
  medianMs: number
  p95Ms: number
  samples: number
  floorName: string
  floorMs: number
  ratio: number
  reach: number
  reached: boolean
}

export function figureOf(row: Row): Figure {
  const [medianMs, floorMs] = [median(row.samples), median(row.floor)]
  const ratio = medianMs / floorMs
  return {
    name: row.name,
    medianMs: Math.round(medianMs),
    p95Ms: Math.round(p95(row.samples)),
    samples: row.samples.length,
    floorName: row.floorName,
    floorMs: Math.round(floorMs),
    ratio: Math.round(ratio * 100) / 100,
    reach: row.reach,
    reached: ratio <= row.reach,
  }
}

/** The figures as a table with aligned columns. */
export function tableText(figures: readonly Figure[]): string {
  const head = ['figure', 'median', 'p95', 'n', 'floor', '', 'ratio', 'reach', '']
  const lines = figures.map((figure) => [
    figure.name,
    `${String(figure.medianMs)} ms`,
    `${String(figure.p95Ms)} ms`,
    String(figure.samples),
    `${String(figure.floorMs)} ms`,
    figure.floorName,
    `${figure.ratio.toFixed(2)} ×`,
    `≤ ${String(figure.reach)} ×`,
    figure.reached ? 'reached' : 'MISSED',
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((cells) => cells[column]?.length ?? 0)))
  return [head, ...lines].map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')
}
