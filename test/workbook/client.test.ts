/** The check's client: what it sends, how it waits, and what a learner reads when no right answer comes. */
import { execFile, spawnSync } from 'node:child_process'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { createClient } from '../harness/client/client.ts'
import type { CheckClient, ClientOptions } from '../harness/client/client.ts'
import { firstDifference } from '../harness/client/difference.ts'
import { ExchangeFailure, ProgramFailure, StreamFailure } from '../harness/client/program-failure.ts'
import { CheckFailure } from '../harness/failure.ts'
import { createRandom } from '../harness/random.ts'
import { startRecorder } from '../harness/recorder/recorder.ts'
import { Story } from '../harness/story.ts'
import { Trace } from '../harness/trace.ts'
import type { Client, Problem, RequestOptions } from '../harness/types/index.ts'
import * as servers from './fixtures/http/servers.ts'
import type { Running } from './fixtures/http/servers.ts'
import { station } from './fixtures/http/station.ts'
import type { Heard } from './fixtures/http/station.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0 && process.platform !== 'win32'
const hasNetcat = spawnSync('nc', ['-h']).error === undefined && process.platform !== 'win32'
const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

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

describe('what a learner reads', () => {
  const broken: [string, (socket: Socket, count: number) => void][] = [
    ['never answers', servers.neverAnswers],
    ['resets', servers.resets],
    ['closes', servers.closes],
    ['garbage', servers.garbage],
    ['half a head', servers.halfHead],
    ['half a head, then silence', servers.halfHeadThenSilence],
    ['a head that is too large', servers.largeHead],
    ['line feeds alone', servers.bareLineFeeds],
    ['a bad header', servers.badHeaderLine],
    ['only an interim answer', servers.onlyInterim],
    ['an interim answer, then a close', servers.interimThenClose],
    ['half a body', servers.halfBody],
    ['half of the chunks', servers.halfChunks],
    ['a bad chunk', servers.badChunk],
    ['more than its length', servers.longerThanSaid],
    ['a body where none can be', servers.bodyWithoutContent],
    ['never ends', servers.neverEnds],
    ['endless', servers.endlessChunks],
  ]
  for (const way of ['direct', 'recorded'] as const) {
    test(`when no whole answer comes (${way})`, async () => {
      const told: string[] = []
      for (const [name, behaviour] of broken) {
        const { client, story } = await open(servers.serveSockets(behaviour), { isRecorded: way === 'recorded' })
        const withinMs = name === 'endless' ? 5_000 : 200
        const failure = await failureOf(client.get('/shows', { withinMs }))
        expect(failure, name).toBeInstanceOf(ExchangeFailure)
        told.push(tell(name, failure, story))
      }
      await expect(told.join('\n')).toMatchFileSnapshot('fixtures/http/no-answer.txt')
    })
  }

  test('when a body follows the answer to HEAD', async () => {
    for (const isRecorded of [false, true]) {
      const { client } = await open(servers.serveSockets(servers.bodyAfterHead), { isRecorded })
      const failure = await failureOf(client.head('/shows'))
      expect(failure.message).toBe('A body followed the answer to HEAD, which has none, from HEAD /shows: "{\\"a\\":1}".')
    }
  })

  test('when the program does not like what it was sent: its own sentence', async () => {
    const pages: Record<string, [type: string, body: string]> = {
      '/json': ['application/json', '{"error":"Unexpected token \'}\' in JSON"}'],
      '/page': ['text/html; charset=utf-8', EXPRESS_PAGE],
      '/long': ['text/plain', 'ñ'.repeat(300)],
      '/bytes': ['application/octet-stream', '\u00ff\u0000'],
      '/empty': ['text/plain', ''],
    }
    const { client } = await open(servers.serveHttp((request, response) => {
      const [type, body] = pages[request.url ?? ''] ?? ['', '']
      response.writeHead(400, { 'Content-Type': type }).end(body, request.url === '/bytes' ? 'latin1' : 'utf8')
    }))
    const actual = async (path: string): Promise<unknown> => (await failureOf(client.post(path).then((reply) => reply.hasStatus(201)))).actual
    expect(await actual('/json')).toBe('400 Bad Request, body: {"error":"Unexpected token \'}\' in JSON"}')
    expect(await actual('/page')).toBe('400 Bad Request, body: SyntaxError: Unexpected token \'}\', "{"title":}" is not valid JSON at JSON.parse (<anonymous>)')
    expect(await actual('/long')).toBe(`400 Bad Request, body: ${'ñ'.repeat(200)}…`)
    expect(await actual('/bytes')).toBe('400 Bad Request, body: \\xff\u0000')
    expect(await actual('/empty')).toBe('400 Bad Request')
  })

  test('when a refused body is left unread, and is taken for the next request', async () => {
    const { client } = await open(servers.serveSockets(leavesBodiesUnread()))
    ;(await client.post('/shows', { json: { title: 'Ñandú' } })).hasStatus(415)
    const failure = await failureOf(client.delete('/shows/1').then((reply) => reply.hasStatus(204)))
    expect(failure.message).toMatch(/^Expected status 204, got 400 from DELETE \/shows\/1\. The answer quotes the body of an earlier request, POST \/shows: /)

    const fair = await open(servers.serveHttp((request, response) => {
      request.resume().on('end', () => response.writeHead(400).end('{"title":"one two three" is odd'))
    }))
    await fair.client.post('/shows', { body: '{"title":"one two three four' })
    const own = await failureOf(fair.client.post('/shows', { body: '{"title":"one two three four' }).then((reply) => reply.hasStatus(201)))
    expect(own.message).toBe('Expected status 201, got 400 from POST /shows.')
  })

  test('when nothing listens, also behind the recorder', async () => {
    for (const isRecorded of [false, true]) {
      const gone = await servers.serveSockets(servers.closes)
      await gone.close()
      const { client, story } = await open(Promise.resolve(gone), { isRecorded })
      const failure = await failureOf(client.get('/shows'))
      expect(tell('refused', failure, story)).toBe([
        '== refused',
        '  + GET /shows',
        '  - the program accepts the connection',
        "The connection for GET /shows was refused: nothing listens on the program's port any more.",
        'expected: an open port',
        'actual: connection refused',
        '',
      ].join('\n'))
    }
  })

  test('when the answer is another than expected', async () => {
    const told: string[] = []
    const { client, story } = await open(servers.serveHttp((request, response) => {
      response.writeHead(request.url === '/gone' ? 404 : 200, { 'Content-Type': request.url === '/html' ? 'text/html' : 'application/json; charset=utf-8' })
      response.end(BODIES[request.url ?? ''] ?? '')
    }))
    for (const [path, expectation] of EXPECTATIONS) {
      const mark = story.mark()
      const reply = await client.get(path)
      const failure = await failureOf(Promise.resolve().then(() => expectation(reply)))
      told.push(tell(path, failure, story))
      story.rewind(mark)
    }
    await expect(told.join('\n')).toMatchFileSnapshot('fixtures/http/other-answer.txt')
  })

  test('the story of a check that passes', async () => {
    const { client, story } = await open(servers.serveHttp(station), { name: 'bea' })
    const show = { title: 'Ñandú', minutes: 30 }
    const reply = await client.post('/shows', { json: show, headers: { Authorization: 'Bearer abc' } })
    reply.hasStatus([200, 201]).hasContentType('application/json').hasHeader('date').lacksHeader('x-powered-by')
    reply.satisfies('the method is POST', (answer) => answer.json<Heard>().method === 'POST')
    ;(await client.head('/shows')).hasEmptyBody()
    const stream = await client.events('/events')
    await stream.next('left')
    await stream.ended()
    expect(story.steps().map(({ text, ok }) => `${ok ? '+' : '-'} ${text}`)).toEqual([
      '+ POST /shows to bea {"title":"Ñandú","minutes":30} (Authorization: Bearer abc)',
      '+ the status is 200 or 201',
      '+ the content type is application/json',
      '+ there is the header date',
      '+ there is no header x-powered-by',
      '+ the body is JSON',
      '+ the method is POST',
      '+ HEAD /shows to bea',
      '+ there is no body',
      '+ open the event stream GET /events to bea',
      '+ the status is 200',
      '+ the content type is text/event-stream',
      '+ an event "left" comes: {"name":"port"}',
      '+ the server ends the event stream',
    ])
  })
})

/** As Express shows an error of its own. */
const EXPRESS_PAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>SyntaxError: Unexpected token &#39;}&#39;, &quot;{&quot;title&quot;:}&quot; is not valid JSON<br> &nbsp; &nbsp;at JSON.parse (&lt;anonymous&gt;)</pre>
</body>
</html>
`

/** Refuses each POST by its head alone, and complains of what it then finds, as Python's http.server does. */
function leavesBodiesUnread(): (socket: Socket) => void {
  return (socket) => {
    let unread = ''
    socket.on('data', (bytes: Buffer) => {
      const text = unread + bytes.toString('latin1')
      const [head = '', body = ''] = text.split('\r\n\r\n')
      if (unread === '') socket.write(servers.answer('', '415 Unsupported Media Type'))
      else socket.end(servers.answer('', `400 Bad request syntax ('${head.split('\r\n')[0]}')`, 'Connection: close\r\n'))
      unread = body
    })
  }
}

/** What a server says, by path. */
const BODIES: Record<string, string> = {
  '/shows': '[{"id":"1","title":"y","minutes":30}]',
  '/broken': '{"title": ',
  '/html': '<h1>Not found</h1>',
  '/error': '{"error":""}',
  '/text': 'off the air\n',
  '/latin1': 'x',
}

type Expectation = (reply: Awaited<ReturnType<CheckClient['get']>>) => unknown

const EXPECTATIONS: [string, Expectation][] = [
  ['/shows', (reply) => reply.hasStatus(404)],
  ['/gone', (reply) => reply.hasStatus([200, 204])],
  ['/shows', (reply) => reply.hasHeader('Location')],
  ['/shows', (reply) => reply.hasHeader('Content-Type', 'application/json')],
  ['/shows', (reply) => reply.hasHeader('Content-Type', /^text/)],
  ['/shows', (reply) => reply.lacksHeader('Content-Type')],
  ['/html', (reply) => reply.hasContentType('application/json')],
  ['/html', (reply) => reply.hasJsonError()],
  ['/error', (reply) => reply.hasJsonError()],
  ['/shows', (reply) => reply.hasJsonError()],
  ['/broken', (reply) => reply.hasJson({ title: 'x' })],
  ['/gone', (reply) => reply.json()],
  ['/shows', (reply) => reply.hasJson([{ id: '1', title: 'x', minutes: 30 }])],
  ['/shows', (reply) => reply.hasJson([])],
  ['/text', (reply) => reply.hasText('off the air')],
  ['/text', (reply) => reply.hasEmptyBody()],
  ['/text', (reply) => reply.hasBytes(Buffer.from('off the bir\n'))],
  ['/text', (reply) => reply.hasBytes(Buffer.from('off'))],
  ['/shows', (reply) => reply.satisfies('the guide is empty', (answer) => answer.json<unknown[]>().length === 0)],
  ['/error', (reply) => reply.satisfies('the first show has an id', (answer) => answer.json<{ id: string }[]>()[0]?.id.length === 1)],
]

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

describe('a bare connection', () => {
  test('two requests in one packet, one of them HEAD, and interim answers', async () => {
    const { client } = await open(servers.serveHttp(station))
    const raw = await client.connect()
    await raw.send('HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi')
    expect((await raw.reply({ forMethod: 'HEAD' })).hasStatus(200).bytes).toHaveLength(0)
    expect((await raw.reply()).hasStatus(200).json<Heard>()).toMatchObject({ url: '/b', body: Buffer.from('hi').toString('base64') })
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

describe('the curl line', () => {
  const requests: [string, string, RequestOptions][] = [
    ['GET', '/shows', {}],
    ['GET', '/shows/..%2f', {}],
    ['GET', '/a/../b?q=[1]&r={2}#', {}],
    ['HEAD', '/shows', {}],
    ['DELETE', "/shows/it's", {}],
    ['POST', '/shows', { json: { title: "Ñandú's $HOME `x` \\ !", minutes: 30 } }],
    ['POST', '/shows', { body: '@file' }],
    ['POST', '/shows', { body: '', headers: { 'X-Empty': '' } }],
    ['POST', '/shows', { body: 'a\r\nb\t100% \\n\u0000', headers: { 'Content-Type': 'text/plain' } }],
    ['PUT', '/shows', { body: Buffer.from([0, 255, 39, 92, 10, 37, 128]) }],
    ['PUT', '/shows', { json: { title: 'x'.repeat(70_000), minutes: 30 } }],
    ['PUT', '/shows', { body: 'x'.repeat(70_000), chunked: true, headers: { 'Content-Type': 'application/json' } }],
  ]

  test('is what a learner can read', async () => {
    const { client } = await open(servers.serveHttp(station))
    const lines: string[] = []
    for (const [method, path, options] of [...requests, ['PUT', '/big', { body: createRandom(1).bytes(1_000) }] as const]) {
      await client.request(method, path, options)
      lines.push(client.lastCurl() ?? '')
    }
    await client.events('/events')
    lines.push(client.lastCurl() ?? '')
    const raw = await client.connect()
    await raw.send("GET /100%/it's HTTP/1.1\r\n")
    await raw.send('Host: x\r\n\r\n')
    lines.push(client.lastCurl() ?? '', '')
    await expect(lines.join('\n')).toMatchFileSnapshot('fixtures/http/curl-lines.txt')
  })

  test.skipIf(!hasCurl)(`does the same as the check${hasCurl ? '' : ' (skipped: curl is not installed)'}`, async () => {
    const server = await start(servers.serveHttp(heardBy))
    const { client } = await open(Promise.resolve(server), { publicPort: server.port })
    for (const [method, path, options] of requests) {
      await client.request(method, path, options)
      const line = client.lastCurl() ?? ''
      await promisify(execFile)('sh', ['-c', line])
      const [ours, theirs] = heard.splice(0)
      expect(significant(theirs), line).toEqual(significant(ours))
    }
  })

  test.skipIf(!hasNetcat)(`of a bare connection sends the same bytes${hasNetcat ? '' : ' (skipped: nc is not installed)'}`, async () => {
    const received: Buffer[] = []
    const server = await start(servers.serveSockets((socket) => {
      socket.on('data', (bytes: Buffer) => received.push(bytes))
      setTimeout(() => socket.end(), 100)
    }))
    const { client } = await open(Promise.resolve(server), { publicPort: server.port })
    const raw = await client.connect()
    const sent = Buffer.concat([Buffer.from("GET /100%/it's HTTP/1.1\r\nX: ñ\\t\t\r\n\r\n"), Buffer.from([0, 39, 255, 92, 37])])
    await raw.send(sent)
    await raw.closed()
    const line = (client.lastCurl() ?? '').replace('localhost', '127.0.0.1')
    await promisify(execFile)('sh', ['-c', line])
    expect(Buffer.concat(received).toString('hex')).toBe(Buffer.concat([sent, sent]).toString('hex'))
  })

  const heard: Heard[] = []
  function heardBy(...[request, response]: Parameters<typeof station>): void {
    const chunks: Buffer[] = []
    request.on('data', (bytes: Buffer) => chunks.push(bytes)).on('end', () => {
      const headers = request.headers as Record<string, string>
      heard.push({ method: request.method ?? '', url: request.url ?? '', headers, body: Buffer.concat(chunks).toString('base64') })
      response.end('ok')
    })
  }

  /** Without what every client sends in its own way. */
  function significant(one: Heard | undefined): unknown {
    if (one === undefined) return 'nothing was heard'
    const own = ['host', 'connection', 'accept', 'user-agent', 'expect']
    return { ...one, headers: Object.fromEntries(Object.entries(one.headers).filter(([name]) => !own.includes(name))) }
  }
})

test('the first difference of two JSON values', () => {
  const difference = (expected: unknown, actual: unknown): string => {
    const found = firstDifference(expected, actual)
    return found === undefined ? 'none' : `${found.path}: ${found.expected} / ${found.actual}`
  }
  expect(difference({ a: [1, { b: 'x' }] }, { a: [1, { b: 'y' }] })).toBe('.a[1].b: "x" / "y"')
  expect(difference([1], [1, 2])).toBe('[1]: nothing / 2')
  expect(difference({ 'a-b': 1 }, {})).toBe('["a-b"]: 1 / nothing')
  expect(difference([], {})).toBe(': [] / {}')
  expect(difference({ a: null }, { a: undefined })).toBe('.a: null / undefined')
  expect(difference('1', 1)).toBe(': "1" / 1')
  expect(difference({ a: 1, b: 2, c: undefined }, { b: 2, a: 1 })).toBe('none')
})

describe('random values', () => {
  test('depend on the seed alone', () => {
    const draw = (seed: number): unknown => {
      const random = createRandom(seed)
      return [random.word(), random.integer(1, 1_000_000), [...random.bytes(8)], random.pick([1, 2, 3, 4, 5, 6, 7])]
    }
    expect(draw(42)).toEqual(draw(42))
    expect(draw(42)).not.toEqual(draw(43))
  })

  test.each([0, 1, -1, 2 ** 32 - 1, 123.5])('are never degenerate (seed %d)', (seed) => {
    const random = createRandom(seed)
    const words = Array.from({ length: 2_000 }, () => random.word())
    expect(new Set(words).size).toBe(2_000)
    expect(words.every((word) => /^[a-z]{6,10}$/.test(word))).toBe(true)
    const numbers = Array.from({ length: 2_000 }, () => random.integer(1, 6))
    expect([...new Set(numbers)].sort()).toEqual([1, 2, 3, 4, 5, 6])
    for (let count = 0; count < 2_000; count++) expect(random.bytes(1)[0]).toBeGreaterThan(0)
    expect(() => random.pick([])).toThrow(RangeError)
    expect(() => random.integer(2, 1)).toThrow(RangeError)
  })
})

interface Opened {
  client: CheckClient
  story: Story
  server: Running
}

async function open(running: Promise<Running>, options: Partial<ClientOptions> & { isRecorded?: boolean } = {}): Promise<Opened> {
  const server = await start(running)
  const { isRecorded = false, ...clientOptions } = options
  const [story, trace] = [new Story(), new Trace()]
  const recorder = isRecorded ? await startRecorder({ origin: server.origin, trace }) : undefined
  const client = createClient({ origin: recorder?.origin ?? server.origin, story, trace, ...clientOptions })
  cleanUps.push(() => recorder?.close(), () => client.close())
  return { client, story, server }
}

async function start(running: Promise<Running>): Promise<Running> {
  const server = await running
  cleanUps.push(() => server.close())
  return server
}

async function failureOf(promise: Promise<unknown>): Promise<CheckFailure> {
  try {
    await promise
  } catch (error) {
    if (error instanceof CheckFailure) return error
    throw error
  }
  throw new Error('Expected a failure')
}

/** A failure as a learner reads it. */
function tell(name: string, failure: CheckFailure, story: Story): string {
  const steps = story.steps().map(({ text, ok }) => `  ${ok ? '+' : '-'} ${text}`)
  return [`== ${name}`, ...steps, failure.message, `expected: ${failure.expected}`, `actual: ${failure.actual}`, ''].join('\n')
}
