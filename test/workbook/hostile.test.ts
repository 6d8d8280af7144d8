/**
 * Programs that misbehave, judged by the checks of the first lab: each gets its diagnosis in bounded
 * time, leaves nothing running, and the next program is judged as if it had never been there.
 */
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { judge } from '../harness/judge/judge.ts'
import { loadLab } from '../harness/judge/load.ts'
import { findLab } from '../harness/labs.ts'
import { createLauncher } from '../harness/launcher/launcher.ts'
import { createPeerKit } from '../harness/peers/kit.ts'
import type { ProblemCode, Verdict } from '../harness/types/index.ts'
import { describeFailures } from './support/judging.ts'
import { markedProcesses } from './support/processes.ts'

const READY_MS = 2_500
const CHECK_MS = 1_500
/** A second of CPU time for a loop to be called endless, half a GiB to be written: longer beside other tests. */
const LABOUR_MS = 5_000

const launcher = createLauncher({ bounds: { readyMs: READY_MS, stopMs: 1_000 } })
const slower = createLauncher({ bounds: { readyMs: LABOUR_MS, stopMs: 1_000 } })
const patient = createLauncher()
const peers = createPeerKit()
const warmUp = findLab('00')

afterAll(async () => {
  await Promise.all([launcher, slower, patient, peers].map((tool) => tool.close()))
})

/** Programs that do not come as far as answering, and the diagnosis of the closed gate. */
const GATES: [file: string, code: ProblemCode, line?: number][] = [
  ['broken/syntax-error', 'syntax-error', 3],
  ['broken/missing-import', 'missing-import', 1],
  ['throws-at-start', 'threw-at-start', 3],
  ['exits-at-once', 'ended-by-itself'],
  ['calls-exit', 'called-exit', 4],
  ['never-listens', 'never-listens'],
  ['listens-on-3000', 'wrong-port'],
  ['binds-ipv6-only', 'wrong-address'],
  ['loops-at-top-level', 'endless-loop'],
]

/** Programs that answer badly, and the diagnosis at the first check. */
const ANSWERS: [file: string, code: ProblemCode | undefined, message: RegExp, line?: number][] = [
  ['crashes-in-request', 'crashed', /crash/i, 5],
  ['throws-async', 'crashed', /tape is torn|crash/i, 4],
  ['exits-in-request', 'exited', /exit/i, 4],
  ['loops-in-handler', 'endless-loop', /loop/i],
  ['eats-memory', 'out-of-memory', /memory/i],
  ['answers-half', undefined, /middle|cut|before|end/i],
  ['never-answers', undefined, /answer/i],
  ['never-ends-body', undefined, /end/i],
  ['endless-body', undefined, /end|large|more than/i],
  ['answers-garbage', undefined, /HTTP/],
  ['resets-each-connection', undefined, /reset|closed|connection/i],
  ['floods-stdout', undefined, /off the air|Harbour Radio/],
  ['ignores-sigterm', undefined, /off the air|Harbour Radio/],
  ['forks-detached-child', undefined, /off the air|Harbour Radio/],
]

describe('a closed gate', () => {
  test.each(GATES)('%s is told as %s', async (name, code, line) => {
    const { verdict, ms } = await judgeHostile(name)
    expect(verdict.problem?.code, describeFailures(verdict)).toBe(code)
    expect(verdict.problem?.hint).toBeTruthy()
    if (line !== undefined) {
      expect(verdict.problem?.line).toBe(line)
      expect(verdict.problem?.file).toMatch(new RegExp(`hostile/${name}\\.ts$`))
    }
    expect(verdict.checks.every((check) => check.state === 'skipped')).toBe(true)
    expect(ms).toBeLessThan((isLabour(name) ? LABOUR_MS : READY_MS) + 2_500)
    await expectNothingLeft()
  })

  test('port 3000 being taken is told as such', async () => {
    const holder = createServer().listen(3000, '127.0.0.1')
    try {
      const { verdict } = await judgeHostile('listens-on-3000')
      expect(verdict.problem?.code).toBe('port-taken')
    } finally {
      holder.close()
    }
  })
})

describe('a bad answer', () => {
  test.each(ANSWERS)('%s', async (name, code, message, line) => {
    const { verdict, ms } = await judgeHostile(name)
    expect(verdict.problem, verdict.problem?.title).toBeNull()
    const [first] = verdict.checks.filter((check) => check.state === 'failed')
    expect(first?.problem?.code).toBe(code)
    expect(first?.message).toMatch(message)
    if (line !== undefined) expect(first?.problem?.line).toBe(line)
    expect(ms).toBeLessThan(3 * ((isLabour(name) ? LABOUR_MS : CHECK_MS) + 2_000) + 3_000)
    await expectNothingLeft()
  })

  test('a program that ignores SIGTERM is killed, and the remark says so', async () => {
    expect((await judgeHostile('ignores-sigterm')).verdict.remarks.join()).toMatch(/SIGTERM/)
  })

  test.skipIf(process.platform !== 'linux')('a detached child is found and ended, and the remark says so', async () => {
    expect((await judgeHostile('forks-detached-child')).verdict.remarks.join()).toMatch(/running/)
    await expectNothingLeft()
  })
})

describe('a right program is right', () => {
  test('that closes each connection', async () => {
    const { verdict } = await judgeHostile('closes-each-connection')
    expect(describeFailures(verdict)).toBe('')
  })

  test('that takes nine seconds to listen', async () => {
    const file = hostile('slow-start-9s')
    const lab = await loadLab('00')
    const verdict = await judge({ lab, target: { kind: 'file', file }, launcher: patient, peers, cold: true })
    expect(describeFailures(verdict)).toBe('')
  })

  test('after all of these', async () => {
    const lab = await loadLab('00')
    const target = { kind: 'file', file: warmUp.solution } as const
    expect(describeFailures(await judge({ lab, target, launcher, peers }))).toBe('')
  })
})

function isLabour(name: string): boolean {
  return name.startsWith('loops-') || name === 'eats-memory'
}

function hostile(name: string): string {
  return fileURLToPath(new URL(`hostile/${name}.ts`, import.meta.url))
}

async function judgeHostile(name: string): Promise<{ verdict: Verdict; ms: number }> {
  const lab = await loadLab('00')
  const checks = lab.checks.map((check) => ({ ...check, withinMs: isLabour(name) ? LABOUR_MS : CHECK_MS }))
  const beganAt = performance.now()
  const target = { kind: 'file', file: hostile(name) } as const
  const verdict = await judge({ lab: { ...lab, checks }, target, launcher: isLabour(name) ? slower : launcher, peers, cold: true })
  return { verdict, ms: performance.now() - beganAt }
}

async function expectNothingLeft(): Promise<void> {
  expect(await markedProcesses()).toEqual([])
}
