import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'
import { judge } from '../../harness/judge/judge.ts'
import { loadLab } from '../../harness/judge/load.ts'
import { createLauncher } from '../../harness/launcher/launcher.ts'
import { portHolder } from '../../harness/launcher/system.ts'
import { createPeerKit } from '../../harness/peers/kit.ts'
import type { LabDefinition, Launcher, Program, Target, Verdict } from '../../harness/types/index.ts'
import { describeFailures } from './judging.ts'
import type { Hostile } from './hostile.ts'
import { processesWith } from './processes.ts'

const READY_MS = 5_000
const STOP_MS = 1_000
/** A second of CPU time for a loop to be called endless, half a GiB to be written: longer beside other tests. */
const LABOUR_MS = 5_000
/** What a check may take beyond its bound, beside other tests: its last words and the diagnosis. */
const LAST_WORDS_MS = 2_500
/** What a run may take beyond its checks and its waits: a few starts and ends of processes, beside other tests. */
const SPARE_MS = 20_000

/** One kind of lab, and the checks of it that the programs are judged by. */
export interface Kind {
  lab: string
  /** Default: all. */
  checks?: readonly string[]
  /** Of each check. */
  checkMs: number
}

export interface HostileJudging {
  /** Judges one program: its diagnosis, its time, and what is left of it. Resolves with the verdict. */
  expectTold(hostile: Hostile): Promise<Verdict>
  /** Judges a right program, with all the time it may take. */
  judgeRight(file: string): Promise<Verdict>
}

/** Sets up the judging of hostile programs as if they were handed in for one kind of lab. */
export function useHostileJudging(kind: Kind): HostileJudging {
  const bounds = { readyMs: READY_MS, stopMs: STOP_MS }
  const tools = { quick: createLauncher({ bounds }), slow: createLauncher({ bounds: { ...bounds, readyMs: LABOUR_MS } }), patient: createLauncher() }
  const peers = createPeerKit()
  afterAll(async () => {
    await Promise.all([...Object.values(tools), peers].map((tool) => tool.close()))
  })
  return {
    async expectTold(hostile) {
      const beganAt = performance.now()
      const { launcher, programs } = watched(hostile.isLabour === true ? tools.slow : tools.quick)
      const tag = `${kind.lab} ${hostile.name}`
      const lab = await labFor(kind, hostile, tag)
      const target = { kind: 'file', file: hostileFile(hostile.name) } as const
      const verdict = await judge({ lab, target, launcher, peers, cold: true, seed: 7 })
      const ms = performance.now() - beganAt
      expectDiagnosis(verdict, hostile)
      expectInTime(verdict, lab, hostile, ms)
      expect(await processesWith(tag), 'nothing runs on').toEqual([])
      for (const program of programs) await expectGone(program, hostile)
      return verdict
    },
    judgeRight: async (file) => judge({ lab: await labFor(kind), target: fileTarget(file), launcher: tools.patient, peers, cold: true }),
  }
}

/** The whole path of a program's file. */
export function hostileFile(name: string): string {
  return fileURLToPath(new URL(`../hostile/${name}.ts`, import.meta.url))
}

function fileTarget(file: string): Target {
  return { kind: 'file', file }
}

async function labFor({ lab: slug, checks, checkMs }: Kind, hostile?: Hostile, tag = ''): Promise<LabDefinition> {
  const lab = await loadLab(slug)
  const wanted = lab.checks.filter((check) => checks === undefined || checks.includes(check.id))
  if (hostile === undefined) return { ...lab, checks: wanted }
  // A loop costs each check its whole bound: one is enough to see it told.
  const tried = hostile.isLabour === true ? wanted.slice(0, 1) : wanted
  const withinMs = hostile.isLabour === true ? LABOUR_MS : checkMs
  return { ...lab, env: { ...lab.env, HOSTILE: tag }, checks: tried.map((check) => ({ ...check, withinMs })) }
}

/** The same launcher, which also tells what it has started. */
function watched(launcher: Launcher): { launcher: Launcher; programs: Program[] } {
  const programs: Program[] = []
  const start: Launcher['start'] = async (request) => {
    const program = await launcher.start(request)
    programs.push(program)
    return program
  }
  return { launcher: { ...launcher, start }, programs }
}

function expectDiagnosis(verdict: Verdict, { isGate, code, message, line, remark }: Hostile): void {
  const [failed] = verdict.checks.filter((check) => check.state === 'failed')
  const problem = isGate === true ? verdict.problem : failed?.problem
  const told = describeFailures(verdict)
  expect(verdict.passed, told).toBe(false)
  expect(problem?.code, told).toBe(code)
  if (isGate === true) expect(verdict.checks.every((check) => check.state === 'skipped')).toBe(true)
  else expect(verdict.problem, told).toBeNull()
  if (message !== undefined) expect(failed?.message).toMatch(message)
  if (line !== undefined) expect(problem?.line, told).toBe(line)
  if (problem !== undefined && problem !== null) expect(problem.hint).toBeTruthy()
  // Only Linux tells who left its group.
  if (remark !== undefined && process.platform === 'linux') expect(verdict.remarks.join()).toMatch(remark)
}

async function expectGone({ pid, port }: Program, { name }: Hostile): Promise<void> {
  expect(isRunning(pid), 'the program is gone').toBe(false)
  // By now the port may be somebody else's.
  expect((await portHolder(port))?.name ?? '').not.toContain(name)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function expectInTime({ checks }: Verdict, lab: LabDefinition, { isGate, isLabour }: Hostile, ms: number): void {
  const boundMs = lab.checks[0]?.withinMs ?? 0
  for (const check of checks) expect(check.ms, `${check.id} in time`).toBeLessThan(boundMs + LAST_WORDS_MS)
  const readyMs = isLabour === true ? LABOUR_MS : READY_MS
  // Of a mute program three checks are tried, each on a fresh start.
  const waits = isGate === true ? readyMs : Math.min(3, checks.length) * (boundMs + STOP_MS)
  expect(ms, 'the whole run in time').toBeLessThan(waits + SPARE_MS)
}
