import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BoundClock } from '../harness/judge/bound-clock.ts'

describe('the time of a check', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('passes, and says what is left', () => {
    const onPassed = vi.fn()
    const clock = new BoundClock(5_000, onPassed)
    vi.advanceTimersByTime(3_000)
    expect(clock.leftMs).toBe(2_000)
    vi.advanceTimersByTime(1_999)
    expect(onPassed).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(onPassed).toHaveBeenCalledOnce()
  })

  it('stands still while copies start, until the last of them is there', async () => {
    const onPassed = vi.fn()
    const clock = new BoundClock(5_000, onPassed)
    const started = [9_000, 4_000].map((ms) => clock.during(new Promise((resolve) => setTimeout(resolve, ms))))
    await vi.advanceTimersByTimeAsync(9_000)
    await Promise.all(started)
    expect(clock.leftMs).toBe(5_000)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(onPassed).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(onPassed).toHaveBeenCalledOnce()
  })

  it('runs on when a copy does not start', async () => {
    const clock = new BoundClock(5_000, vi.fn())
    await expect(clock.during(Promise.reject(new Error('cancelled')))).rejects.toThrow('cancelled')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(clock.leftMs).toBe(4_000)
  })

  it('calls nobody once it is stopped, also when a copy is still starting', async () => {
    const onPassed = vi.fn()
    const clock = new BoundClock(5_000, onPassed)
    const start = clock.during(new Promise((resolve) => setTimeout(resolve, 1_000)))
    clock.stop()
    await vi.advanceTimersByTimeAsync(20_000)
    await start
    expect(onPassed).not.toHaveBeenCalled()
  })
})
