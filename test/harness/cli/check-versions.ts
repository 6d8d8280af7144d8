import { readWork, recordVersion } from '../history/history.ts'
import type { LabPaths } from '../labs.ts'
import type { Verdict } from '../types/index.ts'
import type { CheckArguments } from './arguments.ts'

/**
 * Reads the learner's work before it is judged, so that what is kept is what was judged.
 * @returns keeps it with its verdict, as the page does; nothing to keep when another program than mine.ts is judged.
 *   Never throws: that a disk is full or read-only changes no verdict, and is said on stderr
 */
export function keepVersion(paths: LabPaths, args: Pick<CheckArguments, 'target'>): (verdict: Verdict) => void {
  if (args.target !== undefined) return () => undefined
  const work = saying(() => readWork(paths.slug))
  return (verdict) => {
    if (work) saying(() => recordVersion(paths.slug, work, { reason: 'save', verdict }))
  }
}

function saying<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    process.stderr.write(`No version of your work was kept: ${(error as Error).message}\n`)
    return undefined
  }
}
