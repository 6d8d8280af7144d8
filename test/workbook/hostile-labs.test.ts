/** The same programs, handed in for the other kinds of lab: bodies and bare connections, event streams, peers. */
import { afterAll, describe, expect, test } from 'vitest'
import { findLab } from '../harness/labs.ts'
import { HOSTILE, HOSTILE_PEERS, HOSTILE_STREAMS, type Hostile } from './support/hostile.ts'
import { useHostileJudging, type Kind } from './support/hostile-judging.ts'
import { transcriptOf } from './support/hostile-transcript.ts'
import { describeFailures } from './support/judging.ts'
import { markedProcesses } from './support/processes.ts'
import { isWhole } from './support/proof.ts'

/** Those that are hostile to any lab are judged in lab 00 each time, and in the others in the whole proof. */
const ANYWHERE = isWhole ? HOSTILE : []

const KINDS: (Kind & { hostile: readonly Hostile[] })[] = [
  { lab: '01', checks: ['bad-escape'], checkMs: 5_000, hostile: ANYWHERE },
  { lab: '09', checks: ['order'], checkMs: 8_000, hostile: [...ANYWHERE, ...HOSTILE_STREAMS] },
  { lab: '10', checks: ['both-ways'], checkMs: 12_000, hostile: [...ANYWHERE, ...HOSTILE_PEERS] },
]

describe.each(KINDS.filter(({ hostile }) => hostile.length > 0))('lab $lab', ({ hostile, ...kind }) => {
  const { expectTold, judgeRight } = useHostileJudging(kind)
  const transcripts = new Map<string, string>()

  const tell = async (program: Hostile): Promise<void> => {
    transcripts.set(program.name, transcriptOf(program.name, await expectTold(program)))
  }

  describe('tells what misbehaves, and nothing is left', () => {
    test.concurrent.each(hostile.filter(({ isAlone }) => isAlone !== true))('$name', tell)
    test.each(hostile.filter(({ isAlone }) => isAlone === true))('$name', tell)
  })

  test.skipIf(!isWhole)(`what they are told${isWhole ? '' : ' (skipped: npm run test:whole tells it)'}`, async ({ skip }) => {
    if (hostile.some(({ name }) => !transcripts.has(name))) skip('Not all of them were judged.')
    const all = hostile.map(({ name }) => transcripts.get(name)).join('\n\n')
    await expect(`${all}\n`).toMatchFileSnapshot(`golden/hostile-${kind.lab}.txt`)
  })

  test('a right program is right after all of these', async () => {
    expect(describeFailures(await judgeRight(findLab(kind.lab).solution))).toBe('')
  })
})

afterAll(async () => {
  expect(await markedProcesses()).toEqual([])
})
