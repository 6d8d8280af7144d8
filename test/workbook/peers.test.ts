import { randomBytes } from 'node:crypto'
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAbandoned } from '../harness/judge/abandoned.ts'
import { Flood, MAX_UNASKED_A_SECOND } from '../harness/peers/flood.ts'
import { createPeerKit } from '../harness/peers/kit.ts'
import type { PeerKit, TestPeer, TestPeerOptions, TraceEvent } from '../harness/types/index.ts'

type Seen = Omit<TraceEvent, 'id' | 'at'>

let kit: PeerKit
let rooms = 0

beforeAll(() => {
  kit = createPeerKit()
  kit.prepare()
})

afterAll(() => kit.close())

/** A room of its own at a meeting point of its own. */
async function room() {
  const trace: Seen[] = []
  const onTrace = (event: Seen): void => void trace.push(event)
  const point = await kit.meetingPoint({ leaveMs: 200, onTrace })
  const name = `room ${++rooms}/é`
  const peer = (options: TestPeerOptions): Promise<TestPeer> =>
    kit.peer({ signalUrl: point.url, room: name, ...options }, onTrace)
  return { point, name, peer, trace }
}

describe('test peers', () => {
  test('link through the meeting point, and ask each other', async () => {
    const { point, name, peer, trace } = await room()
    const ana = await peer({ name: 'ana', about: { likes: 'jazz' } })
    const ben = await peer({ name: 'ben', library: { 'Ñandú, 港': Buffer.from('bytes') } })
    expect(point.names(name)).toEqual(['ana', 'ben'])

    const toBen = await ana.link('ben')
    const toAna = await ben.link('ana')
    expect(toBen.peer).toEqual({ id: ben.id, name: 'ben' })
    const about = await toAna.ask('/about')
    expect(about.status).toBe(200)
    expect(JSON.parse(Buffer.from(about.body).toString())).toEqual({ name: 'ana', likes: 'jazz' })
    const song = await toBen.ask(`/library/${encodeURIComponent('Ñandú, 港')}`, { id: 'seven' })
    expect(Buffer.from(song.body).toString()).toBe('bytes')
    expect((await toBen.ask('/library/constructor')).status).toBe(404)
    expect(await ana.linked()).toEqual(['ben'])

    expect(trace.some(({ kind, from, to, summary }) => kind === 'signal' && from === 'ben' && to === 'ana' && summary === 'offer')).toBe(true)
    expect(trace.some(({ kind, from, to, summary }) => kind === 'frame' && from === 'ben' && to === 'ana' && summary === 'request 1 /about')).toBe(true)
    await ana.leave()
    await toAna.closed()
    await ben.leave()
    expect(point.names(name)).toEqual([])
    await point.close()
  })

  test('carry a mebibyte within frames of 16 KiB, and pong meanwhile', async () => {
    const { point, peer } = await room()
    const bytes = randomBytes(1_048_576)
    const ana = await peer({ name: 'ana', library: { song: bytes, nothing: new Uint8Array() } })
    const ben = await peer({ name: 'ben' })
    const link = await ben.link('ana')
    const asked = link.ask('/library/song', { withinMs: 10_000 })
    await link.send({ type: 'ping' })
    await link.next('pong')
    const song = await asked
    expect(bytes.equals(song.body)).toBe(true)
    expect(song.largestFrame).toBeLessThanOrEqual(16_384)
    expect(await link.ask('/library/nothing')).toMatchObject({ status: 200, frames: 1 })
    await Promise.all([ana.leave(), ben.leave(), point.close()])
  }, 15_000)

  test('fall silent when told to', async () => {
    const { point, peer } = await room()
    const ana = await peer({ name: 'ana' })
    const ben = await peer({ name: 'ben' })
    const link = await ben.link('ana')
    await link.next('ping')
    await ana.behave({ answers: false })
    await expect(link.ask('/about', { withinMs: 100 })).rejects.toThrow('ana did not answer the request for /about within 100 ms.')
    await ana.behave({ answers: true, talks: false })
    await expect(link.next('pang', { withinMs: 50 })).rejects.toMatchObject({ name: 'CheckFailure', expected: 'a "pang" frame' })
    while (await link.next(undefined, { withinMs: 20 }).catch(() => undefined));
    await link.send({ type: 'ping' })
    await expect(link.next(undefined, { withinMs: 600 })).rejects.toMatchObject({ actual: 'nothing' })
    await ana.behave({ talks: true })
    expect((await link.ask('/about')).status).toBe(200)
    await Promise.all([ana.leave(), ben.leave(), point.close()])
  })

  test('call only whom they are told to call, and answer who calls them', async () => {
    const { point, peer } = await room()
    const ana = await peer({ name: 'ana' })
    const ben = await peer({ name: 'ben', linkTo: [] })
    const cleo = await peer({ name: 'cleo', linkTo: ['ben'] })
    await ben.link('cleo')
    expect(await ana.linked()).toEqual([])
    await expect(ana.link('ben', { withinMs: 20 })).rejects.toMatchObject({
      message: 'No data channel between "ana" and "ben" within 20 ms.',
      actual: '"ana" has no offer from "ben", and has not called it',
    })
    await Promise.all([ana.leave(), ben.leave(), cleo.leave(), point.close()])
  })

  test('can be killed, and the meeting point notices', async () => {
    const { point, name, peer } = await room()
    const ana = await peer({ name: 'ana' })
    const ben = await peer({ name: 'ben', alone: true })
    await ana.link('ben')
    await ben.kill()
    await expect.poll(() => point.names(name), { timeout: 2_000 }).toEqual(['ana'])
    await expect(ana.kill()).rejects.toThrow('Only a peer that is `alone` can be killed')
    await Promise.all([ana.leave(), ben.leave(), point.close()])
  })

  test('that end in the middle of a question leave nothing behind that would end the judge', async () => {
    const { point, peer } = await room()
    const ana = await peer({ name: 'ana', alone: true })
    await peer({ name: 'ben', answers: false })
    const toBen = await ana.link('ben')
    const asked = toBen.ask('/about', { withinMs: 20_000 }).catch((error: unknown) => error)
    await ana.kill()
    expect(isAbandoned(await asked)).toBe(true)
    await expect(toBen.ask('/about')).rejects.toSatisfy(isAbandoned)
    await point.close()
  })

  test('take a second with too many frames for a flood, and a long time with many for none', () => {
    const [calm, flooded] = [new Flood(), new Flood()]
    const overs = (flood: Flood, gapMs: number): number => {
      return Array.from({ length: 5_000 }, (_, index) => flood.add(index * gapMs)).filter(Boolean).length
    }
    expect(overs(calm, 1)).toBe(0)
    expect(overs(flooded, 0.1)).toBe(5_000 - MAX_UNASKED_A_SECOND)
  })

  test('stay linked when the meeting point is gone', async () => {
    const { point, peer } = await room()
    const ana = await peer({ name: 'ana' })
    const ben = await peer({ name: 'ben' })
    const link = await ben.link('ana')
    await point.close()
    expect((await link.ask('/about')).status).toBe(200)
    await Promise.all([ana.leave(), ben.leave()])
  })

  test('say in plain words why they cannot join', async () => {
    const { point, name, peer } = await room()
    const ana = await peer({ name: 'ana' })
    await expect(peer({ name: 'ana' })).rejects.toMatchObject({
      name: 'CheckFailure',
      message: `"ana" could not join: POST /rooms/${encodeURIComponent(name)}/peers did not answer 201.`,
      expected: '201',
    })
    await Promise.all([ana.leave(), point.close()])
    await expect(peer({ name: 'ben' })).rejects.toMatchObject({ name: 'CheckFailure' })
  })
})

describe('a program on another WebRTC stack', () => {
  test('is a peer of lab 10\'s solution, and both ask and answer', async () => {
    const point = await kit.meetingPoint()
    const [ours, theirs] = await Promise.all([freePort(), freePort()])
    const programs = [
      start('../../labs/10-two-peers/solution.ts', { NAME: 'ours', PORT: ours, SIGNAL_URL: point.url }),
      start('./fixtures/node-datachannel-peer.ts', { NAME: 'theirs', PORT: theirs, SIGNAL_URL: point.url }),
    ]
    try {
      const song = randomBytes(200_000)
      for (const [from, name, to] of [[ours, 'theirs', theirs], [theirs, 'ours', ours]] as const) {
        await expect.poll(() => read(from, `/peers/${name}/about`), { timeout: 15_000 }).toEqual(Buffer.from(JSON.stringify({ name })))
        await fetch(`http://127.0.0.1:${to}/library/song`, { method: 'PUT', body: new Uint8Array(song) })
        expect(song.equals(await read(from, `/peers/${name}/library/song`))).toBe(true)
      }
    } finally {
      for (const program of programs) program.kill('SIGKILL')
      await point.close()
    }
  }, 20_000)
})

function start(program: string, env: Record<string, string | number>): ChildProcess {
  const file = fileURLToPath(new URL(program, import.meta.url))
  const text = Object.fromEntries(Object.entries({ ROOM: 'other-make', LINK_TO: '', ...env }).map(([key, value]) => [key, String(value)]))
  return spawn(process.execPath, ['--import', 'tsx', file], { stdio: 'ignore', env: { ...process.env, ...text } })
}

async function read(port: number, path: string): Promise<Buffer> {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
  return reply === undefined ? Buffer.alloc(0) : Buffer.from(await reply.arrayBuffer())
}

/** A port that is free at this moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

describe('host processes', () => {
  test('end with the kit', async () => {
    const own = createPeerKit()
    own.prepare()
    const point = await own.meetingPoint()
    const ana = await own.peer({ signalUrl: point.url, room: 'r', name: 'ana' })
    await own.peer({ signalUrl: point.url, room: 'r', name: 'ben', alone: true })
    await ana.link('ben')
    const mine = hosts()
    await own.close()
    await point.close()
    // Those of the other kit stay.
    expect(hosts().filter((pid) => mine.includes(pid)).length).toBeLessThanOrEqual(mine.length - 2)
  })

  test.skipIf(process.platform === 'win32')('that answer no more are ended, and that counts as a crash', async () => {
    const own = createPeerKit()
    const point = await own.meetingPoint()
    const before = hosts()
    const ana = await own.peer({ signalUrl: point.url, room: 'r', name: 'ana' })
    const [host] = hosts().filter((pid) => !before.includes(pid))
    process.kill(host!, 'SIGSTOP')
    await ana.leave()
    expect(runs(host!)).toBe(false)
    expect(own.crashes()).toBe(1)
    await Promise.all([own.close(), point.close()])
  }, 20_000)

  test.skipIf(process.platform === 'win32')('end when the judge is killed', async () => {
    const program = fileURLToPath(new URL('./fixtures/peer-kit-user.ts', import.meta.url))
    const judge = spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => judge.stdout.once('data', resolve))
    const children = hosts(judge.pid)
    expect(children.length).toBeGreaterThan(0)
    judge.kill('SIGKILL')
    await expect.poll(() => children.filter(runs), { timeout: 5_000 }).toEqual([])
  }, 20_000)
})

/** The ids of this process's children, or of another's. */
function hosts(parent = process.pid): number[] {
  if (process.platform === 'win32') return []
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return rows.map((row) => row.trim().split(/\s+/).map(Number)).filter(([, owner]) => owner === parent).map(([pid]) => Number(pid))
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
