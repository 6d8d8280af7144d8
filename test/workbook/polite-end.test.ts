/** A program is asked to end: whose time it takes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { endPolitely, SLICE_MS } from '../harness/launcher/polite-end.ts'
import type { Exit } from '../harness/types/index.ts'

const STOP_MS = 400

/** Stands for a process that ends by itself after so long, or never. */
function standIn(endsAfterMs?: number): { pid: number; signal: () => boolean; ended: Promise<Exit> } {
  const never = new Promise<Exit>(() => undefined)
  return { pid: 1, signal: () => true, ended: endsAfterMs === undefined ? never : sleep(endsAfterMs, { code: 0, signal: null }) }
}

/** A processor that a process waits for all the time: each look finds a whole second more. */
function alwaysWaiting(): () => number {
  let waitedMs = 0
  return () => (waitedMs += 1_000)
}

test('time in which it got no processor is not its own', async () => {
  const { hasEnded, ms } = await endPolitely(standIn(STOP_MS + 4 * SLICE_MS), STOP_MS, alwaysWaiting())
  expect(hasEnded).toBe(true)
  // Its first slice, of which nothing is known, and its last.
  expect(ms).toBeLessThanOrEqual(2 * SLICE_MS)
})

test('time in which it had one is', async () => {
  const { hasEnded, ms } = await endPolitely(standIn(), STOP_MS, () => 7)
  expect(hasEnded).toBe(false)
  expect(ms).toBeGreaterThanOrEqual(STOP_MS)
})

test('without any processor it has twice the bound by the clock, and no more', async () => {
  const beganAt = performance.now()
  expect(await endPolitely(standIn(), STOP_MS, alwaysWaiting())).toMatchObject({ hasEnded: false })
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(2 * STOP_MS)
})
