/** The recorder: bytes pass unchanged, and the trace says what passed. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, get, request } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createRandom } from '../harness/random.ts'
import { startRecorder } from '../harness/recorder/recorder.ts'
import type { Recorder } from '../harness/recorder/recorder.ts'
import { readableBytes } from '../harness/recorder/readable-bytes.ts'
import { Trace } from '../harness/trace.ts'
import type { TraceEvent } from '../harness/types/index.ts'
import * as servers from './fixtures/http/servers.ts'
import type { Running } from './fixtures/http/servers.ts'
import { station } from './fixtures/http/station.ts'

const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

describe('what the trace says', () => {
  test('a request and its answer', async () => {
    const { recorder, trace } = await record(servers.serveHttp(station))
    const body = await fetchText(recorder, '/shows')
    const [asked, answered] = trace.events()
    expect(tell(trace)).toEqual(['client → server request: GET /shows', 'server → client response: 200 OK, 74 bytes of application/json'])
    expect(asked?.detail).toMatchObject({ connection: 1 })
    expect(asked?.detail.head).toMatch(/^GET \/shows HTTP\/1\.1\nHost: 127\.0\.0\.1:\d+\nConnection: close\n$/)
    expect(answered?.detail).toMatchObject({ body, bodyBytes: 74, connection: 1 })
    expect(answered?.detail.head).toMatch(/^HTTP\/1\.1 200 OK\nContent-Type: application\/json; charset=utf-8\nDate: /)
    expect(answered?.at).toBeGreaterThanOrEqual(asked?.at ?? Infinity)
  })

  test('a long body is cut at 4 KiB, between characters, and counted whole', async () => {
    const { recorder, trace } = await record(servers.serveHttp(station))
    await send(recorder, 'PUT', '/long', Buffer.from(`x${'ñ'.repeat(5_000)}`))
    const [asked] = trace.events()
    expect(asked?.detail.bodyBytes).toBe(10_001)
    expect(asked?.detail.body).toBe(`x${'ñ'.repeat(2_047)}`)
    expect(asked?.summary).toBe('PUT /long, 10,001 bytes')
  })

  test('bytes that are not UTF-8 are shown one by one', () => {
    expect(readableBytes(Buffer.from([0x61, 0xff, 0xc3, 0xb1, 0xc3, 0x28, 0xf0, 0x9f, 0x93, 0xbb]))).toBe('a\\xffñ\\xc3(📻')
  })

  test('an answer to HEAD has no body, and the next answer on the connection is understood', async () => {
    const { recorder, trace } = await record(servers.serveHttp(station))
    const socket = dial(recorder)
    socket.write('HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => trace.events().length === 4)
    expect(tell(trace)).toEqual([
      'client → server request: HEAD /a',
      'client → server request: GET /b',
      'server → client response: 200 OK',
      'server → client response: 200 OK, 50 bytes of application/json',
    ])
  })

  test('a request that comes byte by byte is one event from its first byte on', async () => {
    const { recorder, trace } = await record(servers.serveHttp(station))
    const socket = dial(recorder)
    socket.write('GET /sl')
    await until(() => trace.events().length === 1)
    expect(tell(trace)).toEqual(['client → server raw: the beginning of a message: "GET /sl"'])
    for (const byte of 'ow HTTP/1.1\r\nHost: x\r\n\r\n') socket.write(byte)
    await until(() => trace.events().length === 2)
    expect(tell(trace)[0]).toBe('client → server request: GET /slow')
  })

  test('server-sent events one by one, with comments', async () => {
    const { recorder, trace } = await record(servers.serveHttp(station))
    await fetchText(recorder, '/events')
    expect(tell(trace)).toEqual([
      'client → server request: GET /events',
      'server → client response: 200 OK, text/event-stream',
      'server → client event: : welcome',
      'server → client event: joined {"name":\n"Ñandú"}',
      'server → client event: left {"name":"port"}',
      'server → client event: message no name',
    ])
    expect(trace.events()[3]?.detail).toMatchObject({ head: 'id: 1\nevent: joined\n', body: '{"name":\n"Ñandú"}' })
    expect(trace.events()[1]?.detail.endedAt).toBeGreaterThan(trace.events()[4]?.at ?? Infinity)
  })

  test('interim answers belong to the request that still waits', async () => {
    const interim = servers.onRequest((socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${servers.answer('ok')}`))
    const { recorder, trace } = await record(servers.serveSockets(interim))
    dial(recorder).write('HEAD / HTTP/1.1\r\n\r\n')
    await until(() => trace.events().length >= 3)
    expect(tell(trace).slice(0, 3)).toEqual([
      'client → server request: HEAD /',
      'server → client response: 100 Continue',
      'server → client response: 200 OK',
    ])
  })

  test('after 101 the connection speaks another language', async () => {
    const upgrade = servers.onRequest((socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x81\x02hi'))
    const { recorder, trace } = await record(servers.serveSockets(upgrade))
    dial(recorder).write('GET / HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')
    await until(() => trace.events().length === 3)
    expect(tell(trace)[2]).toBe('server → client raw: 5 bytes that are not HTTP: "\u0081\\u0002hi"')
  })
})

describe('what never arrived', () => {
  const cases: [string, (socket: Socket) => void, string[]][] = [
    ['a reset instead of an answer', servers.resets, [
      'client → server request (lost): GET /',
      'server → client close: reset the connection before the answer to GET /',
    ]],
    ['a close instead of an answer', servers.closes, [
      'client → server request (lost): GET /',
      'server → client close: closed the connection before the answer to GET /',
    ]],
    ['an answer cut in the middle', servers.halfBody, [
      'client → server request: GET /',
      'server → client response (lost): 200 OK, 11 bytes',
      'server → client close: closed the connection in the middle of the answer',
    ]],
    ['garbage', servers.garbage, [
      'client → server request: GET /',
      'server → client raw: 21 bytes that are not HTTP: "hello, who is there?\\n"',
    ]],
    ['half a head', servers.halfHead, [
      'client → server request (lost): GET /',
      'server → client raw: the beginning of a message: "HTTP/1.1 200 OK\\r\\nContent-Ty"',
      'server → client close: closed the connection before the answer to GET /',
    ]],
  ]
  test.each(cases)('%s', async (_, behaviour, expected) => {
    const { recorder, trace } = await record(servers.serveSockets(behaviour))
    const socket = dial(recorder)
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await closed(socket)
    expect(tell(trace)).toEqual(expected)
  })

  test('a client that gives up', async () => {
    const { recorder, trace } = await record(servers.serveSockets(servers.neverAnswers))
    const socket = dial(recorder)
    socket.write('POST /shows HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf')
    await until(() => trace.events()[0]?.detail.bodyBytes === 4)
    socket.resetAndDestroy()
    await until(() => trace.events().length === 2)
    expect(tell(trace)).toEqual([
      'client → server request (lost): POST /shows, 4 bytes',
      'client → server close: reset the connection before the answer to POST /shows, 4 bytes',
    ])
  })

  test('a program that is not there', async () => {
    const gone = await servers.serveSockets(servers.closes)
    await gone.close()
    const { recorder, trace } = await record(Promise.resolve(gone))
    const socket = dial(recorder)
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await closed(socket)
    expect(tell(trace)).toContain('client → server connect (lost): connection refused')
  })
})

describe('what passes', () => {
  test('megabytes in both directions at once, unchanged, whatever they are', async () => {
    const { recorder } = await record(servers.serveSockets((socket) => socket.pipe(socket)))
    const sent = Buffer.concat(Array.from({ length: 64 }, () => createRandom(7).bytes(65_536)))
    const socket = dial(recorder)
    const chunks: Buffer[] = []
    socket.on('data', (bytes: Buffer) => chunks.push(bytes))
    socket.end(sent)
    await once(socket, 'end')
    expect(hash(Buffer.concat(chunks))).toBe(hash(sent))
  })

  test('a half-close is a half-close', async () => {
    const heard: string[] = []
    const afterEnd = (socket: Socket): void => {
      socket.on('data', (bytes: Buffer) => heard.push(bytes.toString())).on('end', () => {
        heard.push('end')
        setTimeout(() => socket.end('late'), 20)
      })
    }
    const { recorder } = await record(servers.serveSockets(afterEnd))
    const socket = dial(recorder)
    socket.end('hello')
    const [late] = (await once(socket, 'data')) as [Buffer]
    expect([heard, late.toString()]).toEqual([['hello', 'end'], 'late'])
  })

  test('a reset is a reset, either way', async () => {
    const errors: (string | undefined)[] = []
    const watch = (socket: Socket): void => { socket.resume().on('error', (error: NodeJS.ErrnoException) => errors.push(error.code)) }
    const { recorder } = await record(servers.serveSockets(watch))
    const socket = dial(recorder)
    socket.write('x')
    await new Promise((resolve) => setTimeout(resolve, 20))
    socket.resetAndDestroy()
    await until(() => errors.length === 1)
    expect(errors).toEqual(['ECONNRESET'])

    const resetting = await record(servers.serveSockets(servers.resets))
    const other = dial(resetting.recorder)
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => other.once('error', resolve))
    other.write('x')
    expect((await failed).code).toBe('ECONNRESET')
  })

  test('the trace is whole when the client has its answer', async () => {
    const { recorder, trace } = await record(servers.serveHttp(station))
    for (let count = 1; count <= 50; count++) {
      await fetchText(recorder, '/shows')
      expect(trace.events()).toHaveLength(2 * count)
    }
  })
})

test('close() ends every connection and frees the port', async () => {
  const { recorder, server } = await record(servers.serveSockets(servers.neverAnswers))
  const socket = dial(recorder)
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await until(() => server.connections() === 1)
  await recorder.close()
  await closed(socket)
  const refused = connect(recorder.port, '127.0.0.1')
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
})

test('its cost a request is small beside the request', async () => {
  const { recorder, server } = await record(servers.serveHttp((_, response) => response.end('ok')))
  const [direct, recorded] = [await msEach(server.port), await msEach(recorder.port)]
  const cost = `direct ${direct.toFixed(3)} ms, recorded ${recorded.toFixed(3)} ms: ${(recorded / direct).toFixed(1)} times`
  // Far above what is measured, so that a busy machine does not fail it.
  expect(recorded - direct, cost).toBeLessThan(2)
})

/** Resolves when the socket has closed, however. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

async function record(running: Promise<Running>): Promise<{ recorder: Recorder; trace: Trace; server: Running }> {
  const server = await running
  const trace = new Trace()
  const recorder = await startRecorder({ origin: server.origin, trace })
  cleanUps.push(() => server.close(), () => recorder.close())
  return { recorder, trace, server }
}

/** Opens a connection to the recorder. */
function dial({ port }: Recorder): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: false, noDelay: true })
  cleanUps.push(() => { socket.destroy() })
  return socket.on('error', () => {}).resume()
}

function tell(trace: Trace): string[] {
  const line = ({ from, to, kind, summary, lost }: TraceEvent): string => `${from} → ${to} ${kind}${lost === true ? ' (lost)' : ''}: ${summary}`
  return trace.events().map(line)
}

function fetchText({ port }: Recorder, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent: false, host: '127.0.0.1' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => { text += part }).on('end', () => resolve(text))
    }).on('error', reject)
  })
}

function send({ port }: Recorder, method: string, path: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, method, agent: false, host: '127.0.0.1' }, (response) => {
      response.resume().on('end', resolve)
    })
    sent.on('error', reject).end(body)
  })
}

/** The median time of a request on a kept connection, after some to warm up. */
async function msEach(port: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times: number[] = []
  for (let count = 0; count < 600; count++) {
    const beganAt = performance.now()
    await new Promise<void>((resolve) => {
      get({ port, agent, host: '127.0.0.1' }, (response) => response.resume().on('end', resolve))
    })
    if (count >= 200) times.push(performance.now() - beganAt)
  }
  agent.destroy()
  return times.sort((one, other) => one - other)[times.length / 2] ?? 0
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${String(holds)}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
