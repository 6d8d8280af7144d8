import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { createLauncher } from '../harness/launcher/launcher.ts'
import { isFree, returnPort, takePort } from '../harness/launcher/ports.ts'
import type { Bounds, Launcher, Problem, Program, StartRequest } from '../harness/types/index.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = fileURLToPath(new URL('./fixtures/launcher/', import.meta.url))
const FIXTURES = 'test/workbook/fixtures/launcher'
const ON_LINUX = process.platform === 'linux'
const launchers: Launcher[] = []

function launcher(bounds: Partial<Bounds> = {}): Launcher {
  const made = createLauncher({ bounds })
  launchers.push(made)
  return made
}

function request(name: string, env: Record<string, string> = {}): StartRequest {
  return { target: { kind: 'file', file: `${FOLDER}${name}` }, cwd: ROOT, env, preload: ['express'] }
}

function command(...words: string[]): StartRequest {
  return { target: { kind: 'command', command: words }, cwd: ROOT, env: {}, preload: [] }
}

async function start(name: string, bounds: Partial<Bounds> = {}, env: Record<string, string> = {}): Promise<Program> {
  return launcher(bounds).start(request(name, env))
}

/** What is said of a program whose port never answers. */
async function refused(name: string, bounds: Partial<Bounds> = {}, env: Record<string, string> = {}): Promise<Problem | null> {
  const program = await start(name, bounds, env)
  const problem = await program.ready()
  await program.stop()
  return problem
}

async function text(program: Program, path = '/'): Promise<string> {
  return (await fetch(`${program.origin}${path}`)).text()
}

/** What the program `tells-all.ts` sees of its surroundings. */
async function seen(program: Program): Promise<Record<string, unknown>> {
  return JSON.parse(await text(program)) as Record<string, unknown>
}

/** Processes of this user that carry any run's mark. */
function markedPids(): number[] {
  if (!ON_LINUX) return []
  return readdirSync('/proc').map(Number).filter((pid) => {
    if (!Number.isInteger(pid)) return false
    try {
      const isZombie = /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
      return !isZombie && environment.includes(`HARBOUR_RADIO_TEST=${process.pid}\0`)
    } catch {
      return false
    }
  })
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

const OWN = { HARBOUR_RADIO_TEST: String(process.pid) }

afterEach(async () => {
  await Promise.all(launchers.splice(0).map((each) => each.close()))
})

describe('a program that does not become ready', () => {
  it.each([
    ['broken/unclosed.ts', { code: 'syntax-error', file: `${FIXTURES}/broken/unclosed.ts`, line: 5, column: 1 }],
    ['broken/imports-unclosed.ts', { code: 'syntax-error', file: `${FIXTURES}/broken/unclosed.ts`, line: 5 }],
    ['broken/missing-package.ts', { code: 'missing-import', hint: 'Did you mean "express"?', line: 2 }],
    ['broken/missing-file.ts', { code: 'missing-import', hint: 'Did you mean "./shows.ts"?', line: 1 }],
    ['broken/missing-export.ts', { code: 'missing-import', title: '"./shows.ts" has no export named "show".', line: 2 }],
    ['broken/missing-builtin.ts', { code: 'missing-import', hint: 'Did you mean "node:http"?', line: 1 }],
    ['throws.ts', { code: 'threw-at-start', file: `${FIXTURES}/throws.ts`, line: 5 }],
    ['rejects.ts', { code: 'threw-at-start', line: 4 }],
    ['ends.ts', { code: 'ended-by-itself', evidence: 'done' }],
    ['waits-for-nothing.ts', { code: 'ended-by-itself' }],
    ['calls-exit.ts', { code: 'called-exit', line: 3 }],
    ['ipv6-only.ts', { code: 'wrong-address', line: 4 }],
    ['socket-file.ts', { code: 'wrong-port', line: 6 }],
    ['not-there.ts', { code: 'no-such-file', file: `${FIXTURES}/not-there.ts` }],
  ])('%s', async (name, expected) => {
    const beganAt = performance.now()
    expect(await refused(name)).toMatchObject(expected)
    expect(performance.now() - beganAt).toBeLessThan(8_000)
  })

  it('never listens', async () => {
    expect(await refused('never-listens.ts', { readyMs: 1_500 })).toMatchObject({ code: 'never-listens' })
  })

  it('loops before it listens: the line of the loop, as written', async () => {
    const problem = await refused('loops-at-start.ts', { readyMs: 6_000 })
    expect(problem).toMatchObject({ code: 'endless-loop', file: `${FIXTURES}/loops-at-start.ts`, line: 10 })
    expect(problem?.title).toMatch(/^Your program has been in a loop at line 10 for [1-9]\d* s and did not come back, so it does not listen\.$/)
  })

  it('listens on another port: told early when nothing else can happen, at the bound otherwise', async () => {
    const port = await takePort()
    const env = { WRONG_PORT: String(port) }
    const beganAt = performance.now()
    const title = `Your program listens on port ${port}, and not on PORT.`
    expect(await refused('wrong-port.ts', {}, env)).toMatchObject({ code: 'wrong-port', title, line: 5 })
    expect(performance.now() - beganAt).toBeLessThan(8_000)
    expect(await refused('wrong-port-busy.ts', { readyMs: 1_500 }, env)).toMatchObject({ code: 'wrong-port', title })
    returnPort(port)
  })

  it('wants a port that somebody holds: named where the system tells', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => holder.once('listening', resolve))
    const { port } = holder.address() as AddressInfo
    const problem = await refused('wrong-port.ts', {}, { WRONG_PORT: String(port) })
    holder.close()
    expect(problem).toMatchObject({ code: 'port-taken', line: 5 })
    expect(problem?.title).toContain(ON_LINUX ? `process ${process.pid} (` : String(port))
  })
})

describe('a right program', () => {
  it.each(['slow-start.ts', 'busy-start.ts', 'two-ports.ts', 'forks-itself.ts'])('%s', async (name) => {
    const port = await takePort()
    const program = await start(name, {}, { WRONG_PORT: String(port) })
    expect(await program.ready()).toBeNull()
    expect(await program.diagnose()).toBeNull()
    expect(await program.stop()).toMatchObject({ killed: false })
    returnPort(port)
  })

  it('is started again on another port when somebody took its own first', async () => {
    const made = launcher()
    const spareless = await made.start(request('express-hello.ts'))
    const lost = spareless.port
    const thief = createServer((_request, response) => response.end('thief')).listen(lost, '127.0.0.1')
    expect(await spareless.ready()).toBeNull()
    expect(spareless.port).not.toBe(lost)
    expect(await text(spareless)).toBe('hello')
    thief.closeAllConnections()
    thief.close()
  })
})

describe('a warm start', () => {
  it('cannot be told from a cold one', async () => {
    const made = launcher()
    const asked = request('tells-all.ts', { NAME: 'ana' })
    made.prepare(asked, 1)
    await sleep(1_500)
    const warm = await made.start(asked)
    const cold = await made.start({ ...asked, warm: false })
    expect([await warm.ready(), await cold.ready()]).toEqual([null, null])
    const [fromWarm, fromCold] = [await seen(warm), await seen(cold)]
    expect(fromWarm).toEqual(fromCold)
    expect(fromWarm).toMatchObject({ name: 'ana', argv: [process.execPath, `${FOLDER}tells-all.ts`] })
    expect(fromWarm.execArgv).toHaveLength(2)
    expect(fromWarm.environment).not.toContain('HARBOUR_RADIO_CHANNEL')
    expect(fromWarm.addressAtOnce).toBe('object')
  })

  it('takes a process that waited', async () => {
    const made = launcher()
    const asked = request('tells-birth.ts')
    made.prepare(asked, 1)
    await sleep(200)
    const beganAt = performance.timeOrigin + performance.now()
    const warm = await made.start(asked)
    expect(await warm.ready()).toBeNull()
    expect(Number(await text(warm))).toBeLessThan(beganAt)
    const cold = await made.start({ ...asked, warm: false })
    expect(await cold.ready()).toBeNull()
    expect(Number(await text(cold))).toBeGreaterThan(beganAt)
  })
})

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
    expect(markedPids()).toContain(detached)
    // Two children; the program itself got its environment later, where /proc does not show it.
    expect(markedPids().length).toBeGreaterThanOrEqual(2)
    expect(await program.stop()).toMatchObject({ leftovers: 2 })
    expect(markedPids()).toEqual([])
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

describe('other targets', () => {
  it('a command that listens', async () => {
    const program = await launcher().start(command(process.execPath, '--import', 'tsx', `${FOLDER}slow-start.ts`))
    expect(await program.ready()).toBeNull()
    expect(await program.stop()).toMatchObject({ killed: false, leftovers: 0 })
  })

  it.each([
    [['no-such-command-anywhere'], 'cannot-start'],
    [[process.execPath, '-e', 'console.log("bye")'], 'ended-by-itself'],
    [[process.execPath, '-e', 'throw new Error("broken")'], 'threw-at-start'],
    [[process.execPath, '-e', 'setInterval(() => {}, 1000)'], 'never-listens'],
  ])('%s: %s', async (words, code) => {
    const program = await launcher({ readyMs: 1_000 }).start(command(...words))
    expect(await program.ready()).toMatchObject({ code })
  })

  it.runIf(ON_LINUX)('a command that listens on another port', async () => {
    const listen = 'require("net").createServer().listen(0)'
    const program = await launcher({ readyMs: 1_000 }).start(command(process.execPath, '-e', listen))
    expect(await program.ready()).toMatchObject({ code: 'wrong-port' })
  })

  it('a URL that answers, and one that does not', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const asked = (about: string): StartRequest => ({ ...command(), target: { kind: 'url', url: about } })
    expect(await (await launcher().start(asked(url))).ready()).toBeNull()
    await new Promise((resolve) => server.close(resolve))
    // Another test may have the port of that server by now; port 1 nobody has.
    expect(await (await launcher().start(asked('http://127.0.0.1:1'))).ready()).toMatchObject({ code: 'unreachable' })
  }, 8_000)
})
