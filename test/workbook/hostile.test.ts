/**
 * Programs that misbehave, judged by all checks of the first lab: each gets its diagnosis in bounded
 * time, leaves nothing running, and the next program is judged as if it had never been there.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findLab } from '../harness/labs.ts'
import { HOSTILE, type Hostile } from './support/hostile.ts'
import { hostileFile, useHostileJudging } from './support/hostile-judging.ts'
import { transcriptOf } from './support/hostile-transcript.ts'
import { describeFailures } from './support/judging.ts'
import { markedProcesses } from './support/processes.ts'

const { expectTold, judgeRight } = useHostileJudging({ lab: '00', checkMs: 4_000 })
const transcripts = new Map<string, string>()

async function tell(hostile: Hostile): Promise<void> {
  transcripts.set(hostile.name, transcriptOf(hostile.name, await expectTold(hostile)))
}

describe('a program that misbehaves is told so, and leaves nothing', () => {
  test.concurrent.each(HOSTILE.filter(({ isAlone }) => isAlone !== true))('$name', tell)
  test.each(HOSTILE.filter(({ isAlone }) => isAlone === true))('$name', tell)
})

test('what they are told', async ({ skip }) => {
  if (HOSTILE.some(({ name }) => !transcripts.has(name))) skip('Not all of them were judged.')
  const all = HOSTILE.map(({ name }) => transcripts.get(name)).join('\n\n')
  await expect(`${all}\n`).toMatchFileSnapshot('golden/hostile-00.txt')
})

test('port 3000, fixed, is told as such, and who holds it when it is taken', async () => {
  await expectTold({ name: 'listens-on-3000', isGate: true, code: 'wrong-port' })
  const holder = createServer().listen(3000, '127.0.0.1')
  try {
    await expectTold({ name: 'listens-on-3000', isGate: true, code: 'port-taken' })
  } finally {
    holder.close()
  }
})

describe('a right program is right', () => {
  test.concurrent('that closes each connection', async () => {
    expect(describeFailures(await judgeRight(hostileFile('closes-each-connection')))).toBe('')
  })

  test.concurrent('that takes nine seconds to listen', async () => {
    expect(describeFailures(await judgeRight(hostileFile('slow-start-9s')))).toBe('')
  })

  test('that deletes its own file; the next run finds none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'deletes-its-file-'))
    try {
      const file = join(folder, 'mine.ts')
      copyFileSync(hostileFile('deletes-its-file'), file)
      expect(describeFailures(await judgeRight(file))).toBe('')
      expect((await judgeRight(file)).problem?.code).toBe('no-such-file')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('after all of these', async () => {
    expect(describeFailures(await judgeRight(findLab('00').solution))).toBe('')
    expect(await markedProcesses()).toEqual([])
  })
})
