/** The check's client: what it sends, how long it waits, what its connections do. */
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ExchangeFailure, ProgramFailure } from '../harness/client/program-failure.ts'
import { CheckFailure } from '../harness/failure.ts'
import type { Client, Problem } from '../harness/types/index.ts'
import * as servers from './fixtures/http/servers.ts'
import { station } from './fixtures/http/station.ts'
import type { Heard } from './fixtures/http/station.ts'
import { failureOf, open } from './support/client-rig.ts'

describe('what is sent', () => {
  test.each([
    ['/shows/%zz'], ['/shows/..%2f..%2fetc'], ['/a/../b/./c'], ['//'], ['/?q=[1]&r={2}'], ['/a#b'],
  ])('the path %s, raw', async (path) => {
    const { client } = await open(servers.serveHttp(station))
    const heard = (await client.get(path)).json<Heard>()
    expect(Buffer.from(heard.url, 'latin1').toString()).toBe(path)
  })

  test.each([
    ['a line end in a header', (client: Client) => client.get('/shows', { headers: { authorization: 'Bearer a\nb' } })],
    ['a letter of no header', (client: Client) => client.get('/shows', { headers: { authorization: 'Bearer 港' } })],
    ['a space in a path', (client: Client) => client.get('/shows/a b')],
    ['a line end in the path of a stream', (client: Client) => client.events('/inbox?token=a\r\nX: y')],
  ])('what no request can carry fails the check: %s', async (_what, ask) => {
    const { client } = await open(servers.serveHttp(station))
    expect((await failureOf(ask(client))).message).toMatch(/^HTTP cannot carry this in /)
  })

  test('a path beyond ASCII as UTF-8', async () => {
    const lines: string[] = []
    const { client } = await open(servers.serveSockets(servers.onRequest((socket, bytes) => {
      lines.push(bytes.toString('utf8').split('\r\n')[0] ?? '')
      socket.write(servers.answer('ok'))
    })))
    await client.post('/ñandú/港', { json: { title: 'ñ' } })
    expect(lines).toEqual(['POST /ñandú/港 HTTP/1.1'])
  })

  test('JSON with its content type, or the one that is given', async () => {
    const { client } = await open(servers.serveHttp(station))
    const show = { title: 'Ñandú, 港', minutes: 30 }
    const heard = (await client.post('/shows', { json: show })).json<Heard>()
    expect(heard.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '37' })
    expect(JSON.parse(Buffer.from(heard.body, 'base64').toString())).toEqual(show)
    const other = (await client.post('/shows', { json: show, headers: { 'content-type': 'text/plain' } })).json<Heard>()
    expect(other.headers).toMatchObject({ 'content-type': 'text/plain' })
  })

  test('a body in chunks without a length, also a large one', async () => {
    const { client } = await open(servers.serveHttp(station))
    const heard = (await client.put('/x', { body: 'x'.repeat(200_000), chunked: true })).json<Heard>()
    expect(heard.headers).toMatchObject({ 'transfer-encoding': 'chunked' })
    expect(heard.headers).not.toHaveProperty('content-length')
    expect(Buffer.from(heard.body, 'base64')).toHaveLength(200_000)
  })

  test('many requests at once', async () => {
    const { client } = await open(servers.serveHttp(station))
    const paths = Array.from({ length: 100 }, (_, index) => `/${index}`)
    const replies = await Promise.all(paths.map((path) => client.get(path)))
    expect(replies.map((reply) => reply.json<Heard>().url)).toEqual(paths)
  })
})

describe('when the program went wrong', () => {
  const crashed: Problem = { code: 'crashed', title: 'Your program crashed: URIError: URI malformed', hint: '' }
  const looping: Problem = { code: 'endless-loop', title: 'Your program is in an endless loop at line 12.', hint: '' }

  test('the failure is about the crash', async () => {
    const { client, story } = await open(servers.serveSockets(servers.resets), { diagnose: async () => crashed })
    const failure = await failureOf(client.get('/shows/%zz'))
    expect(failure).toBeInstanceOf(ProgramFailure)
    expect((failure as ProgramFailure).problem).toBe(crashed)
    expect(failure.message).toBe('Your program crashed: URIError: URI malformed. That was during GET /shows/%zz.')
    expect(story.steps().at(-1)).toEqual({ text: 'an answer comes', ok: false })
  })

  test('silence may be an endless loop, a dropped connection is none', async () => {
    const silent = await open(servers.serveSockets(servers.neverAnswers), { diagnose: async () => looping })
    expect((await failureOf(silent.client.get('/', { withinMs: 50 }))).message).toContain('endless loop at line 12')
    const dropping = await open(servers.serveSockets(servers.closes), { diagnose: async () => looping })
    const failure = await failureOf(dropping.client.get('/'))
    expect(failure).toBeInstanceOf(ExchangeFailure)
    expect(failure.message).not.toContain('loop')
  })
})

describe('bounds', () => {
  test('what is left of the check, when that is less', async () => {
    const { client } = await open(servers.serveSockets(servers.neverAnswers), { deadlineMs: () => 60 })
    const beganAt = performance.now()
    expect((await failureOf(client.get('/', { withinMs: 10_000 }))).message).toContain('within 60 ms')
    expect(performance.now() - beganAt).toBeLessThan(2_000)
  })

  test('an aborted check ends every wait', async () => {
    const aborter = new AbortController()
    const { client } = await open(servers.serveSockets(servers.neverAnswers), { signal: aborter.signal })
    const raw = await client.connect()
    const waits = [client.get('/'), client.events('/'), raw.reply(), raw.closed()].map(failureOf)
    setTimeout(() => aborter.abort(), 20)
    expect((await Promise.all(waits)).every((failure) => failure instanceof CheckFailure)).toBe(true)
    await failureOf(client.get('/later'))
  })

  test('a wait that nobody hears of harms nobody', async () => {
    const { client } = await open(servers.serveSockets(servers.neverAnswers))
    void client.get('/')
    void client.events('/')
    client.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
  })
})

describe('connections', () => {
  test('are kept', async () => {
    const { client, server } = await open(servers.serveHttp(station))
    for (let count = 0; count < 5; count++) await client.get('/')
    expect(server.connections()).toBe(1)
  })

  test('a kept one that the server closed meanwhile is replaced, once', async () => {
    const once = (socket: Socket): void => {
      let requests = 0
      socket.on('data', () => (++requests === 1 ? socket.write(servers.answer('ok')) : socket.resetAndDestroy()))
    }
    const { client, server } = await open(servers.serveSockets(once))
    for (let count = 0; count < 3; count++) (await client.get('/')).hasText('ok')
    expect(server.connections()).toBe(3)

    const onlyFirst = (socket: Socket, count: number): void => {
      let requests = 0
      socket.on('data', () => (count === 1 && ++requests === 1 ? socket.write(servers.answer('ok')) : socket.end()))
    }
    const other = await open(servers.serveSockets(onlyFirst))
    await other.client.get('/')
    expect((await failureOf(other.client.get('/'))).message).toContain('was closed before any answer')
    expect(other.server.connections()).toBe(2)
  })

  test.each([['direct', false], ['recorded', true]])('an answer that comes before the upload has ended is an answer (%s)', async (_, isRecorded) => {
    const { client } = await open(servers.serveSockets(servers.refusesEarly), { isRecorded })
    for (let count = 0; count < 10; count++) {
      const reply = await client.post('/shows', { body: 'x'.repeat(8 * 1024 * 1024), chunked: count % 2 === 1 })
      reply.hasStatus(413).hasText('no')
    }
  })

  test('an upload whose connection is reset without an answer is a failure', async () => {
    const { client } = await open(servers.serveSockets(servers.resets), { isRecorded: true })
    const failure = await failureOf(client.post('/shows', { body: 'x'.repeat(1024 * 1024) }))
    expect(failure.message).toMatch(/^The connection was (reset|closed) before any answer to POST \/shows came\./)
  })
})
