/** A program was ready and goes wrong later: what the evidence tells. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FIXTURES, start, text } from './support/launcher-rig.ts'

describe('a program that goes wrong later', () => {
  it('crashes: message, file and line', async () => {
    const program = await start('crashes-in-handler.ts')
    expect(await program.ready()).toBeNull()
    await expect(text(program, '/crash')).rejects.toThrow()
    expect(await program.diagnose()).toMatchObject({
      code: 'crashed',
      title: "Your program crashed: TypeError: Cannot read properties of undefined (reading '0')",
      file: `${FIXTURES}/crashes-in-handler.ts`,
      line: 9,
    })
  })

  it('exits: the line of the call', async () => {
    const program = await start('crashes-in-handler.ts')
    await program.ready()
    await expect(text(program, '/exit')).rejects.toThrow()
    expect(await program.diagnose()).toMatchObject({ code: 'exited', line: 12 })
  })

  it('closes its server and ends', async () => {
    const program = await start('crashes-in-handler.ts')
    await program.ready()
    await text(program, '/close').catch(() => undefined)
    await program.ended
    expect(await program.diagnose()).toMatchObject({ code: 'exited' })
  })

  it('survives an error that it catches', async () => {
    const program = await start('crashes-in-handler.ts')
    await program.ready()
    expect(await text(program, '/survive')).toBe('still here')
    expect(await program.diagnose()).toBeNull()
  })

  it('opens its own port twice', async () => {
    const program = await start('listens-twice.ts')
    await program.ready()
    await program.ended
    expect(await program.diagnose()).toMatchObject({
      code: 'port-taken',
      title: `Your program listens on port ${program.port} twice.`,
      line: 5,
    })
  })

  it('is killed', async () => {
    const program = await start('kills-itself.ts')
    await program.ready()
    await expect(text(program)).rejects.toThrow()
    expect(await program.diagnose()).toMatchObject({ code: 'crashed', title: 'Your program was ended by the signal SIGKILL.' })
  })

  it('keeps a file of its own where the side channel was: nothing of the judge is written there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'harbour-radio-tape-'))
    const tape = join(folder, 'tape')
    const program = await start('reuses-channel.ts', {}, { TAPE: tape })
    await program.ready()
    expect(await text(program, '/tape')).toBe('3')
    await expect(text(program)).rejects.toThrow()
    await program.ended
    expect(readFileSync(tape, 'utf8')).toBe('')
    rmSync(folder, { recursive: true })
  })

  it('loops in a handler: the line', async () => {
    const program = await start('loops-in-handler.ts')
    await program.ready()
    void fetch(`${program.origin}/loop`).catch(() => undefined)
    let problem = await program.diagnose()
    for (let tries = 0; tries < 100 && problem === null; tries++) problem = await program.diagnose()
    expect(problem).toMatchObject({ code: 'endless-loop', file: `${FIXTURES}/loops-in-handler.ts` })
    expect([9, 10]).toContain(problem?.line)
    expect(problem?.title).toMatch(/^Your program has been in a loop at line \d+ for [1-9]\d* s and did not come back, so it answers nobody\.$/)
  })

  it.each(['eats-memory.ts', 'children-eat-memory.ts'])('%s', async (name) => {
    const program = await start(name, { memoryBytes: 300 * 1_048_576 })
    await program.ready()
    await program.ended
    expect(await program.diagnose()).toMatchObject({ code: 'out-of-memory' })
  })

  it('is silent after SIGSTOP, which is no loop', async () => {
    const program = await start('express-hello.ts')
    await program.ready()
    program.kill('SIGSTOP')
    await sleep(1_500)
    expect(await program.diagnose()).toBeNull()
    expect(await program.stop()).toMatchObject({ killed: false })
  })
})
