import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/workbook/support/longest-first.ts'

/** wrtc crashes in worker threads, so everything runs in child processes. */
const pool = 'forks'

/** Most of the proof waits for time-outs and for other processes. */
const proofWorkers = Math.max(5, availableParallelism())

export default defineConfig({
  test: {
    pool,
    // What a failed check had begun and left behind may still fail; that is no error of the run.
    onUnhandledError: (error) => !['CheckFailure', 'PeerBroken', 'AbortError'].includes(error.name ?? ''),
    // A learner's save is not an import of the check file; without this, `npx vitest 01` would not notice it.
    forceRerunTriggers: ['**/labs/*/mine*', '**/labs/*/mine/**'],
    // The workers end together when none is left alone with the longest file.
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'labs',
          include: ['test/*.test.ts'],
          setupFiles: ['test/harness/vitest/setup.ts'],
          testTimeout: 90_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'workbook',
          include: ['test/workbook/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 60_000,
          maxWorkers: proofWorkers,
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/workbook/wrong-programs.*.test.ts', 'test/workbook/hostile-labs.test.ts', 'test/workbook/hostile-images.test.ts'],
          env: { WORKBOOK_PROOF: 'whole' },
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: proofWorkers,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
