import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** The files that take longest, the longest first: they judge whole programs by the hundred. */
const LONGEST = ['wrong-programs.', 'other-styles.', 'solutions.', 'starters.', 'hostile.', 'command-line.', 'launcher.', 'hostile-labs.', 'hostile-images.']

/** Starts the longest files first, also on a machine that has never run them; all others follow in the usual order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files)
    return usual
      .map((file, index) => ({ file, index, rank: rankOf(file.moduleId) }))
      .sort((one, other) => one.rank - other.rank || one.index - other.index)
      .map(({ file }) => file)
  }
}

function rankOf(path: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const rank = LONGEST.findIndex((prefix) => name.startsWith(prefix))
  return rank < 0 ? LONGEST.length : rank
}
