import type { Bounds } from '../types/index.ts'

/** What a learner's program may take. */
export const DEFAULT_BOUNDS: Bounds = {
  readyMs: 10_000,
  stopMs: 2_000,
  outputBytes: 65_536,
  memoryBytes: 512 * 1024 * 1024,
}
