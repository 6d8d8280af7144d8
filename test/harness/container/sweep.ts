import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** No run takes so long: what is older belongs to a judge that was killed. */
const OLD_MS = 3_600_000

/** Removes what killed judges have left in the folder of runs. Never throws: another judge may be at it too. */
export function sweepRuns(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      if (Date.now() - statSync(path).mtimeMs > OLD_MS) rmSync(path, { recursive: true, force: true })
    }
  } catch {
    // Not there yet, or gone meanwhile.
  }
}
