/** The middle of the samples; of an even number the upper one. @throws RangeError when there is none */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

/** 95 of 100 samples are at most this. @throws RangeError when there is none */
export function p95(samples: readonly number[]): number {
  return quantile(samples, 0.95)
}

function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (value === undefined) throw new RangeError('A quantile needs at least one sample')
  return value
}
