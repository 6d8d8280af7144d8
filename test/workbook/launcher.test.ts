/** A program is started: what it has to do to be ready, and what is said when it is not. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { returnPort, takePort } from '../harness/launcher/ports.ts'
import type { StartRequest } from '../harness/types/index.ts'
import { command, FIXTURES, FOLDER, launcher, ON_LINUX, refused, request, seen, start, text } from './support/launcher-rig.ts'

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
