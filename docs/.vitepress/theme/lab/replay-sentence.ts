import type { Replay } from '../../../../test/harness/types/index.ts'

/** What came of a replay, in a sentence or two. */
export function replaySentence(replay: Replay): string {
  if (replay.kind === 'problem') return 'Your program did not start, so nothing was sent.'
  if (replay.kind === 'refused') return `Not replayed: ${replay.reason}`
  if (replay.kind === 'rerun') {
    const outcome = replay.result.state === 'failed' ? 'It failed again.' : `This time it ${replay.result.state === 'passed' ? 'passed' : 'was skipped'}.`
    return `The whole check ran once more, because ${replay.reason}. ${outcome}`
  }
  const { exchanges } = replay
  const place = exchanges.findIndex(({ difference }) => difference !== undefined)
  const count = exchanges.length
  if (place >= 0) {
    const which = count === 1 ? 'The answer' : `Answer ${String(place + 1)} of ${String(count)}`
    return `${which} differs from the recorded one, first in ${exchanges[place]?.difference?.where ?? 'its text'}.`
  }
  return count === 1 ? 'The same answer as in the failed run.' : `The same ${String(count)} answers as in the failed run.`
}
