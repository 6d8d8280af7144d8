/** What a run comes to when its program, or its time, does not last: nothing that was not tried may look like passed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { judge } from '../harness/judge/judge.ts'
import { ROOT } from '../harness/labs.ts'
import type { CheckDefinition, LabDefinition, Verdict } from '../harness/types/index.ts'
import { useJudging } from './support/judging.ts'

const { launcher, peers } = useJudging()
const folder = mkdtempSync(join(tmpdir(), 'starts-once-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hints = ['Concept.', 'Where.', 'What.'] as const
const isUp: CheckDefinition = { id: 'is-up', title: 'It is up', hints, run: async ({ client }) => void (await client.get('/')).hasStatus(200) }
const isNowhere: CheckDefinition = { id: 'is-nowhere', title: 'It is nowhere', hints, run: async ({ client }) => void (await client.get('/x')).hasStatus(200) }
const isSlow: CheckDefinition = { id: 'is-slow', title: 'It takes its time', hints, run: ({ sleep }) => sleep(300) }

let runs = 0

/** Judges a program that can be started once. */
function judgeOnce(checks: readonly CheckDefinition[], options: { concurrent: boolean; runMs?: number }): Promise<Verdict> {
  const { concurrent, runMs } = options
  const env = { LOCK_FILE: join(folder, String((runs += 1))) }
  const lab: LabDefinition = { slug: '99-test', title: 'Test', program: 'server', concurrent, env, checks }
  const file = fileURLToPath(new URL('fixtures/launcher/starts-once.ts', import.meta.url))
  return judge({ lab, target: { kind: 'file', file }, launcher, peers, cold: true, ...(runMs !== undefined && { runMs }) })
}

function statesOf({ checks }: Verdict): string[] {
  return checks.map(({ id, state, problem }) => [id, state, problem?.code].filter(Boolean).join(' '))
}

describe('a program that starts once and then no more', () => {
  test('has failed the check that is tried again on a fresh start', async () => {
    const verdict = await judgeOnce([isUp, isNowhere], { concurrent: true })
    expect(statesOf(verdict)).toEqual(['is-up passed', 'is-nowhere failed threw-at-start'])
    expect(verdict.passed).toBe(false)
    expect(verdict.checks[1]?.message).toMatch(/^Not tried: .*The studio is locked/)
  })

  test('has failed the checks after the one that ran out of time', async () => {
    const hangs: CheckDefinition = { ...isSlow, id: 'hangs', withinMs: 100, run: ({ sleep }) => sleep(60_000) }
    const verdict = await judgeOnce([hangs, isUp], { concurrent: false })
    expect(statesOf(verdict)).toEqual(['hangs failed', 'is-up failed threw-at-start'])
  })
})

describe('a program that crashes in company, and on which three checks then run out of time', () => {
  const file = fileURLToPath(new URL('hostile/crashes-in-request.ts', import.meta.url))

  test('has failed when they do so alone, too', async () => {
    const verdict = await judgeCrashing(Infinity)
    const states = statesOf(verdict)
    expect(states.slice(0, 3)).toEqual(['hangs-1 failed', 'hangs-2 failed', 'hangs-3 failed'])
    expect(verdict.passed).toBe(false)
  })

  test('has passed when alone they pass: then every check is tried', async () => {
    const verdict = await judgeCrashing(2)
    expect(statesOf(verdict).filter((state) => !state.endsWith(' passed'))).toEqual([])
    expect(verdict.passed).toBe(true)
  })

  function judgeCrashing(hangsUntilTry: number): Promise<Verdict> {
    const hanging = [1, 2, 3].map((number) => crashingCheck(`hangs-${String(number)}`, hangsUntilTry))
    const others = [1, 2, 3, 4].map((number) => crashingCheck(`crashes-${String(number)}`, 0))
    const lab: LabDefinition = { slug: '99-test', title: 'Test', program: 'server', concurrent: true, checks: [...hanging, ...others] }
    return judge({ lab, target: { kind: 'file', file }, launcher, peers, cold: true })
  }

  /** Its first try, in company, crashes the program; those up to `hangsUntilTry` run out of time, and others pass. */
  function crashingCheck(id: string, hangsUntilTry: number): CheckDefinition {
    let tries = 0
    return {
      id, title: 'It crashes, and then it hangs', hints, withinMs: 300,
      run: async ({ client, sleep }) => {
        tries += 1
        if (tries === 1) await client.get('/')
        else if (tries <= hangsUntilTry) await sleep(60_000)
      },
    }
  }
})

describe('a run whose time is over', () => {
  test.each([
    ['one by one', [isSlow, isUp, isNowhere], false, ['is-slow passed', 'is-up failed run-too-long', 'is-nowhere failed run-too-long']],
    ['all at once', [isSlow, isUp, isNowhere], true, ['is-slow passed', 'is-up passed', 'is-nowhere failed run-too-long']],
  ])('%s, has failed what it could not try', async (_name, checks, concurrent, states) => {
    const verdict = await judgeOnce(checks, { concurrent, runMs: 200 })
    expect(statesOf(verdict)).toEqual(states)
    expect(verdict.passed).toBe(false)
  })
})

describe.runIf(process.platform === 'linux')('peers of a check that crash', () => {
  const crashing = (times: number): CheckDefinition => {
    let left = times
    return {
      id: 'meets', title: 'It meets a peer', hints, withinMs: 20_000,
      run: async ({ peer, random, sleep }) => {
        const met = await peer({ name: random.word() })
        if (left > 0) {
          left -= 1
          const before = peers.crashes()
          crashPeers()
          while (peers.crashes() === before) await sleep(10)
        }
        await met.behave({ answers: false })
        await met.leave()
        await (await peer({ name: random.word() })).leave()
      },
    }
  }

  test('once: the check is tried again, and has passed', async () => {
    expect(statesOf(await judgePeers([crashing(1)]))).toEqual(['meets passed'])
  })

  test('twice: the check says so, and blames no answer', async () => {
    const verdict = await judgePeers([crashing(2)])
    expect(statesOf(verdict)).toEqual(['meets failed'])
    expect(verdict.checks[0]?.message).toMatch(/^The process that plays the other peers crashed, and crashed again/)
  })

  function judgePeers(checks: readonly CheckDefinition[]): Promise<Verdict> {
    const lab: LabDefinition = { slug: '99-test', title: 'Test', program: 'peer', checks }
    return judge({ lab, target: { kind: 'file', file: join(ROOT, 'labs/10-two-peers/starter.ts') }, launcher, peers, cold: true })
  }

  /** As a fault in native code would. */
  function crashPeers(): void {
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      const status = readIfThere(`/proc/${name}/status`)
      if (!status.includes(`PPid:\t${String(process.pid)}\n`)) continue
      if (readIfThere(`/proc/${name}/cmdline`).includes('peers/host.ts')) process.kill(Number(name), 'SIGSEGV')
    }
  }

  function readIfThere(file: string): string {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      return ''
    }
  }
})
