import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface StaticServer {
  /** `http://127.0.0.1:41234` */
  origin: string
  /** From now on every connection breaks, as without a network. Returns the paths that are asked for nevertheless. */
  vanish(): readonly string[]
  close(): Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** Serves a folder of files on loopback, text compressed with gzip, `404.html` for what is not there. */
export async function serveFolder(folder: string): Promise<StaticServer> {
  const compressed = new Map<string, Buffer>()
  const refused: string[] = []
  let isGone = false
  const server = createServer((request, response) => {
    if (isGone) {
      refused.push(request.url ?? '')
      request.socket.destroy()
      return
    }
    const file = fileOf(folder, new URL(request.url ?? '/', 'http://site').pathname)
    send(response, file ?? join(folder, '404.html'), file === undefined ? 404 : 200, compressed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  const vanish = (): readonly string[] => {
    isGone = true
    server.closeAllConnections()
    return refused
  }
  return { origin: `http://127.0.0.1:${String(port)}`, vanish, close }
}

function fileOf(folder: string, pathname: string): string | undefined {
  const path = join(folder, normalize(decodeURIComponent(pathname)))
  if (!path.startsWith(folder)) return undefined
  const file = pathname.endsWith('/') ? join(path, 'index.html') : path
  return existsSync(file) && statSync(file).isFile() ? file : undefined
}

function send(response: ServerResponse, file: string, status: number, compressed: Map<string, Buffer>): void {
  const type = TYPES[extname(file)] ?? 'application/octet-stream'
  // What has a hash in its name never changes; all else is kept for ten minutes, as hosts of static pages do.
  const caching = file.includes('assets') ? 'max-age=31536000, immutable' : 'max-age=600'
  const isText = type !== 'image/png'
  if (isText && !compressed.has(file)) compressed.set(file, gzipSync(readFileSync(file)))
  const body = compressed.get(file) ?? readFileSync(file)
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': body.length,
    'Cache-Control': caching,
    ...(isText ? { 'Content-Encoding': 'gzip' } : {}),
  })
  response.end(body)
}
