/** The curl line beside a failed check: it sends the same, and a learner can read it. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../harness/random.ts'
import type { RequestOptions } from '../harness/types/index.ts'
import * as servers from './fixtures/http/servers.ts'
import { station } from './fixtures/http/station.ts'
import type { Heard } from './fixtures/http/station.ts'
import { open, start } from './support/client-rig.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0 && process.platform !== 'win32'
const hasNetcat = spawnSync('nc', ['-h']).error === undefined && process.platform !== 'win32'

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
