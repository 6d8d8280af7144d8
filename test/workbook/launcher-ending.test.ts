/** A program is stopped: what it printed is bounded, and nothing of it stays. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isFree } from '../harness/launcher/ports.ts'
import { FOLDER, ON_LINUX, ROOT, start, text } from './support/launcher-rig.ts'
import { processesWith } from './support/processes.ts'

/** Carried by the programs of this file and all that they start. */
const WORD = `launcher-ending-${String(process.pid)}`
const OWN = { HARBOUR_RADIO_TEST: WORD }

async function ownPids(): Promise<number[]> {
  return (await processesWith(WORD)).map((line) => Number.parseInt(line, 10))
}

/** A process that has ended but was not collected counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !ON_LINUX || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

describe('afterwards', () => {
  it('a flood of output is counted and bounded', async () => {
    const program = await start('floods.ts')
    expect(await program.ready()).toBeNull()
    for (let tries = 0; tries < 200 && !program.output().stdout.endsWith('last line\n'); tries++) await sleep(50)
    const { stdout, stderr, totalBytes } = program.output()
    expect(totalBytes).toBeGreaterThan(50 * 1_048_576)
    expect(stdout.length + stderr.length).toBeLessThanOrEqual(65_536 + 100)
    expect(stdout.startsWith('first line\n')).toBe(true)
    expect(stdout.endsWith('last line\n')).toBe(true)
  })

  it('a program that ignores SIGTERM is killed', async () => {
    const program = await start('ignores-sigterm.ts', { stopMs: 400 })
    await program.ready()
    const report = await program.stop()
    expect(report).toMatchObject({ killed: true, exit: { signal: 'SIGKILL' } })
    expect(report.ms).toBeLessThan(1_400)
    expect(await isFree(program.port)).toBe(true)
  })

  it.runIf(ON_LINUX)('children in the group and detached ones are gone, and the port is free', async () => {
    const program = await start('starts-children.ts', {}, OWN)
    expect(await program.ready()).toBeNull()
    const detached = Number(await text(program))
    expect(await ownPids()).toContain(detached)
    // Two children; the program itself got its environment later, where /proc does not show it.
    expect((await ownPids()).length).toBeGreaterThanOrEqual(2)
    expect(await program.stop()).toMatchObject({ leftovers: 2 })
    expect(await ownPids()).toEqual([])
    expect(await isFree(program.port)).toBe(true)
  })

  it('nothing outlives a judge that was killed', async () => {
    const told = await new Promise<string>((resolve) => {
      const args = ['--import', 'tsx', `${FOLDER}killed-judge.ts`]
      execFile(process.execPath, args, { cwd: ROOT }, (_error, stdout) => resolve(stdout))
    })
    const { problems, pids } = JSON.parse(told) as { problems: unknown[]; pids: number[] }
    expect(problems).toEqual([null, null])
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([])
  })
})
