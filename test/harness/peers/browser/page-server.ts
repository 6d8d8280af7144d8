import { readFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>A peer</title><script type="module" src="/page.js"></script>'

export interface PageServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the page on loopback, and passes everything under `/rooms/` on to the meeting point: to the page
 * both are one origin, so a meeting point needs no word about pages of other origins.
 */
export async function servePage(signalUrl: string): Promise<PageServer> {
  const server = createServer((asked, answer) => {
    if (asked.url?.startsWith('/rooms/') === true) passOn(signalUrl, asked, answer)
    else void serve(asked, answer)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, close: () => close(server) }
}

async function serve(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  if (asked.url === '/page.js') {
    answer.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' })
    answer.end(await readFile(new URL('./page.js', import.meta.url)))
  } else if (asked.url === '/') answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE)
  else answer.writeHead(404).end()
}

function passOn(signalUrl: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url = '/' } = asked
  const { host: _host, origin: _origin, ...others } = headers
  const onward = request(new URL(signalUrl).origin + url, { method, headers: others, agent: false }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers)
    answer.flushHeaders()
    reply.on('error', () => answer.destroy()).pipe(answer)
  })
  // The meeting point has gone: so has the inbox of the page.
  onward.on('error', () => answer.destroy())
  answer.on('close', () => onward.destroy())
  asked.pipe(onward)
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })
}
