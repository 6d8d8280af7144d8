/** The same programs inside an image: whatever room they run in, they are told in time, and nothing of them is left. */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { judge } from '../harness/judge/judge.ts'
import { loadLab } from '../harness/judge/load.ts'
import { findLab, ROOT } from '../harness/labs.ts'
import type { LabDefinition, Verdict } from '../harness/types/index.ts'
import { HOSTILE } from './support/hostile.ts'
import type { Hostile } from './support/hostile.ts'
import { hostileFile } from './support/hostile-judging.ts'
import { describeFailures, useJudging } from './support/judging.ts'
import { markedProcesses, processesWith } from './support/processes.ts'
import { isWhole } from './support/proof.ts'

/** The checks that run the image. */
const CHECKS = ['clean-room', 'process-one', 'read-only']
/** What each of them may take here. */
const CHECK_MS = 15_000
/** Starts, ends and the build beside all that, beside other tests. */
const SPARE_MS = 30_000

/** Leaves something behind that its room has to take with it: judged each time, the others in the whole proof. */
const STUBBORN = 'forks-detached-child'

// A closed gate is closed before the image is tried.
const tried = HOSTILE.filter(({ name, isGate }) => isGate !== true && (isWhole || name === STUBBORN))

const { launcher, peers } = useJudging()
const root = join(ROOT, '.workbook', `hostile-images-${String(process.pid)}`)
const solution = dirname(findLab('03').solution)

afterAll(async () => {
  rmSync(root, { recursive: true, force: true, maxRetries: 3 })
  expect(await markedProcesses()).toEqual([])
})

// An engine would take its own time for what these checks see in any room.
process.env['WORKBOOK_ENGINE'] = 'none'

describe('in an image', { timeout: 180_000 }, () => {
  test.each(tried)('$name is told in time, and nothing is left', async (hostile) => {
    const beganAt = performance.now()
    const verdict = await judgeImage(hostile.name, hostile)
    const ms = performance.now() - beganAt
    const told = describeFailures(verdict)
    expect(verdict.problem, told).toBeNull()
    // What answers nothing right, or not for long, is refused. Others may be right, and only rude.
    if (hostile.code !== undefined || hostile.message !== undefined) expect(verdict.passed, told).toBe(false)
    for (const check of verdict.checks) expect(check.ms, `${check.id} in time`).toBeLessThan(CHECK_MS + 5_000)
    expect(ms, 'the whole run in time').toBeLessThan(CHECKS.length * CHECK_MS + SPARE_MS)
    expect(await processesWith(tagOf(hostile.name)), 'nothing runs on').toEqual([])
  })

  test('a right folder is right after all of these', async () => {
    expect(describeFailures(await judgeImage('right'))).toBe('')
  })
})

async function judgeImage(name: string, hostile?: Hostile): Promise<Verdict> {
  const folder = join(root, name)
  mkdirSync(folder, { recursive: true })
  cpSync(solution, folder, { recursive: true })
  if (hostile !== undefined) cpSync(hostileFile(name), join(folder, 'server.ts'))
  const whole = await loadLab('03-container')
  const wanted = whole.checks.filter(({ id }) => CHECKS.includes(id))
  const checks = hostile === undefined ? wanted : wanted.map((check) => ({ ...check, withinMs: CHECK_MS }))
  const lab: LabDefinition = { ...whole, env: { ...whole.env, HOSTILE: tagOf(name) }, concurrent: false, checks }
  return judge({ lab, target: { kind: 'file', file: join(folder, 'server.ts') }, launcher, peers, cold: true, seed: 7 })
}

function tagOf(name: string): string {
  return `03 ${name}`
}
