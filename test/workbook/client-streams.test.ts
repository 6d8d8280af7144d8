/** Event streams, as a check reads them. */
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { StreamFailure } from '../harness/client/program-failure.ts'
import * as servers from './fixtures/http/servers.ts'
import { station } from './fixtures/http/station.ts'
import { failureOf, open } from './support/client-rig.ts'

describe('an event stream', () => {
  test('keeps what is not asked for yet', async () => {
    const { client } = await open(servers.serveHttp(station))
    const stream = await client.events('/events')
    expect(await stream.next('left')).toEqual({ event: 'left', data: '{"name":"port"}' })
    expect(await stream.next()).toEqual({ event: 'joined', data: '{"name":\n"Ñandú"}', id: '1' })
    expect(stream.pending()[0]).toEqual({ event: 'comment', data: '', comment: 'welcome' })
    expect(await stream.next('comment')).toMatchObject({ comment: 'welcome' })
    expect(await stream.next('message')).toEqual({ event: 'message', data: 'no name' })
    expect((await failureOf(stream.next('joined'))).message).toBe('The event stream of GET /events ended before an event "joined" came.')
  })

  test('holds a flood up at its source, and finds what it waits for behind it', async () => {
    const ENOUGH = 5_000_000
    let sent = 0
    const { client } = await open(servers.serveSockets(servers.onRequest((socket) => {
      const more = (): void => {
        while (sent < ENOUGH && socket.write('data: la\n\n'.repeat(100))) sent += 100
      }
      socket.on('drain', more)
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: first\ndata: 1\n\n')
      more()
    })))
    const stream = await client.events('/events')
    expect((await stream.next('first')).data).toBe('1')
    await expect.poll(() => stream.pending().length).toBeGreaterThanOrEqual(10_000)
    await expect.poll(async () => {
      const before = sent
      await delay(50)
      return sent - before
    }, { timeout: 10_000 }).toBe(0)
    expect(sent).toBeLessThan(ENOUGH)
    for (let count = 0; count < 10_500; count++) await stream.next()
  })

  test('says what came instead', async () => {
    const { client } = await open(servers.serveSockets(servers.onRequest((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\nevent: left\ndata: 1\n\n')
    })))
    const stream = await client.events('/events')
    const failure = await failureOf(stream.next('joined', { withinMs: 100 }))
    expect(failure.message).toBe('No event "joined" came on GET /events within 0.1 s; what came instead: 1 of other kinds (left).')
    expect((await failureOf(stream.ended({ withinMs: 50 }))).message).toBe('The event stream of GET /events did not end within 50 ms.')
    stream.close()
  })

  test('says how much came of an event that nothing ended', async () => {
    const parts = [': hello\n', 'event: joined\r', '\ndata: Ñ\n']
    const { client } = await open(servers.serveHttp((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
      for (const part of parts) response.write(part)
      if (request.url === '/cut') response.end()
    }))
    const stream = await client.events('/events')
    const failure = await failureOf(stream.next('joined', { withinMs: 100 }))
    expect(failure.message).toBe(
      'No event "joined" came on GET /events within 0.1 s; what came instead: 1 of other kinds (comment); 23 bytes came, but no empty line ended an event.',
    )
    parts.shift()
    const cut = await client.events('/cut')
    expect((await failureOf(cut.next())).message).toBe(
      'The event stream of GET /cut ended before an event came: 23 bytes came, but no empty line ended an event.',
    )
  })

  test('says that not even the head came', async () => {
    const { client } = await open(servers.serveSockets(servers.neverAnswers))
    expect((await failureOf(client.events('/events', { withinMs: 50 }))).message).toBe(
      'No answer to GET /events came within 50 ms, not even the status line: send status and headers at once (flush), before the first event.',
    )
  })

  test('is shown by its own command, whatever was asked since', async () => {
    const { client } = await open(servers.serveHttp(station))
    const stream = await client.events('/events')
    await client.post('/shows', { json: {} })
    const failure = await failureOf(stream.next('never'))
    expect(failure).toBeInstanceOf(StreamFailure)
    expect((failure as StreamFailure).curl).toBe('curl -i -N http://localhost:3000/events')
  })

  test('must be one', async () => {
    const { client } = await open(servers.serveHttp(station))
    expect((await failureOf(client.events('/shows'))).message).toBe(
      'Expected the content type text/event-stream, got application/json; charset=utf-8 from GET /shows.',
    )
  })
})
