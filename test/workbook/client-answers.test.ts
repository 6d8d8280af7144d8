/** What a learner reads when no right answer comes. */
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { CheckClient } from '../harness/client/client.ts'
import { ExchangeFailure } from '../harness/client/program-failure.ts'
import * as servers from './fixtures/http/servers.ts'
import { station } from './fixtures/http/station.ts'
import type { Heard } from './fixtures/http/station.ts'
import { failureOf, open, tell } from './support/client-rig.ts'

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
      // Side by side: those that are silent all the time make nobody wait for them.
      const told = await Promise.all(broken.map(async ([name, behaviour]) => {
        const { client, story } = await open(servers.serveSockets(behaviour), { isRecorded: way === 'recorded' })
        const withinMs = name === 'endless' ? 10_000 : 3_000
        const failure = await failureOf(client.get('/shows', { withinMs }))
        expect(failure, name).toBeInstanceOf(ExchangeFailure)
        return tell(name, failure, story)
      }))
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
