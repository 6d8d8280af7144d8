/** Connections on which a check sends bytes, and reads what comes. */
import { describe, expect, test } from 'vitest'
import * as servers from './fixtures/http/servers.ts'
import { station } from './fixtures/http/station.ts'
import type { Heard } from './fixtures/http/station.ts'
import { failureOf, open } from './support/client-rig.ts'

describe('a bare connection', () => {
  test('two requests in one packet, one of them HEAD, and interim answers', async () => {
    const { client } = await open(servers.serveHttp(station))
    const raw = await client.connect()
    await raw.send('HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi')
    expect((await raw.reply({ forMethod: 'HEAD' })).hasStatus(200).bytes).toHaveLength(0)
    expect((await raw.reply()).hasStatus(200).json<Heard>()).toMatchObject({ url: '/b', body: Buffer.from('hi').toString('base64') })
  })

  test.each(['Content-Length: 41', 'Transfer-Encoding: chunked'])('a 304 has no body, though it may say %s', async (framing) => {
    const { client } = await open(servers.serveSockets(servers.onRequest((socket) => {
      socket.write(`HTTP/1.1 304 Not Modified\r\n${framing}\r\n\r\n`)
    })))
    const raw = await client.connect()
    for (let asked = 0; asked < 2; asked += 1) {
      await raw.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      expect((await raw.reply()).hasStatus(304).bytes).toHaveLength(0)
    }
  })

  test.each([[431, '', ''], [200, '', 'cut off'], [431, 'Content-Length: 41\r\n', 'cut off']])('an answer %i that a reset ends: %j %s', async (status, framing, message) => {
    const { client } = await open(servers.serveSockets(servers.onRequest((socket) => {
      socket.write(`HTTP/1.1 ${status} As It Is\r\n${framing}Connection: close\r\n\r\n`, () => setTimeout(() => socket.resetAndDestroy(), 20))
    })))
    const raw = await client.connect()
    await raw.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    if (message === '') expect((await raw.reply()).hasStatus(status).bytes).toHaveLength(0)
    else expect((await failureOf(raw.reply())).message).toContain(message)
  })

  test('byte by byte', async () => {
    const { client, story } = await open(servers.serveHttp(station))
    const raw = await client.connect()
    await raw.sendSlowly('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await raw.reply()).json<Heard>().url).toBe('/slow')
    expect(story.steps()[1]?.text).toBe('send 31 bytes one by one: "GET /slow HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"')
  })

  test('half-closes, resets and sees the other side close', async () => {
    const heard: string[] = []
    const { client } = await open(servers.serveSockets((socket) => {
      socket.on('data', () => {}).on('end', () => socket.end(servers.answer('late'))).on('error', () => heard.push('reset'))
    }))
    const raw = await client.connect()
    expect((await failureOf(raw.closed({ withinMs: 30 }))).message).toBe('The program did not close the connection within 30 ms.')
    raw.end()
    ;(await raw.reply()).hasText('late')
    await raw.closed()
    const other = await client.connect()
    await other.send('x')
    await new Promise((resolve) => setTimeout(resolve, 20))
    other.reset()
    await expect.poll(() => heard).toEqual(['reset'])
  })

  test.each([
    ['HTTP/1.0 200 OK\r\n', true],
    ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\n', true],
    ['HTTP/1.1 200 OK\r\n', false],
  ])('says whether it is the last of its connection (%j)', async (head, isLast) => {
    const { client } = await open(servers.serveSockets(servers.onRequest((socket) => socket.end(`${head}Content-Length: 2\r\n\r\nok`))))
    const raw = await client.connect()
    await raw.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await raw.reply()).isLast).toBe(isLast)
    expect((await client.get('/')).isLast).toBe(isLast)
  })

  test.each([
    ['HTTP/1.0 200 OK\r\n', ": your program answered with HTTP/1.0, which closes after each answer (in Python: protocol_version = 'HTTP/1.1')."],
    ['HTTP/1.1 200 OK\r\nConnection: close\r\n', ': the answer before had the header Connection: close.'],
    ['HTTP/1.1 200 OK\r\n', '. One connection serves many requests; each needs its answer.'],
  ])('closed after the first of two answers (%j)', async (head, reason) => {
    for (const isRecorded of [false, true]) {
      const closing = servers.onRequest((socket) => socket.end(`${head}Content-Length: 2\r\n\r\nok`))
      const { client } = await open(servers.serveSockets(closing), { isRecorded })
      const raw = await client.connect()
      await raw.send('GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n')
      ;(await raw.reply()).hasText('ok')
      const failure = await failureOf(raw.reply())
      expect(failure.message).toBe(`The connection was closed after 1 of 2 answers to the raw request${reason}`)
      expect(failure.actual).toBe('1 answer, then the connection was closed')
    }
  })

  test('an answer that was longer than it said', async () => {
    const { client } = await open(servers.serveSockets(servers.longerThanSaid))
    const raw = await client.connect()
    await raw.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    ;(await raw.reply()).hasStatus(200)
    expect((await failureOf(raw.reply({ withinMs: 1_000 }))).message).toBe(
      'Content-Length announced 82 bytes in the answer to the raw request (200 OK), and more followed: "21}".',
    )
  })

  test('says what went wrong', async () => {
    const { client } = await open(servers.serveSockets(servers.garbage))
    const raw = await client.connect()
    await raw.send('GET / HTTP/1.1\r\n\r\n')
    expect((await failureOf(raw.reply())).message).toMatch(/^What came back for the raw request is not HTTP: "hello, who is there\?\\n"\./)
  })
})
