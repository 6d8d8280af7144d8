import type { Bounds } from '../types/index.ts'
import type { Attempt } from './attempt.ts'
import { noteFamily, treeMemoryBytes } from './system.ts'

/** `/proc` answers in a fraction of a millisecond; `ps` is a process. */
const POLL_MS = process.platform === 'linux' ? 250 : 1_000

/**
 * Ends the group of a program that, with its children, has taken too much. The watchdog inside a program sees its
 * own memory sooner; this sees children, and programs in other languages. It notes whom it sees.
 */
export function limitMemory(attempt: Attempt, bounds: Bounds): void {
  const timer = setInterval(() => void look(), POLL_MS)
  timer.unref()
  void attempt.process.ended.then(() => clearInterval(timer))

  async function look(): Promise<void> {
    noteFamily(attempt.process.pid, attempt.family)
    const bytes = await treeMemoryBytes(attempt.process.pid)
    if (bytes <= bounds.memoryBytes || attempt.process.exit() !== undefined) return
    attempt.evidence.noteMemory(bytes)
    attempt.process.signal('SIGKILL')
  }
}
