import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { isOwnOrigin, isReadable } from './guard.ts'

/** What Vite's own pages ask for. */
const PROTOCOLS = new Set(['vite-hmr', 'vite-ping'])

/** More pages than anybody has open. */
const MAX_SOCKETS = 100

/** What a page may send within a second; its messages are of some hundred bytes. */
const MAX_BYTES_A_SECOND = 262_144

/**
 * Stands before Vite's socket. Vite asks for its token only when a socket has an Origin; here it must have one, and it
 * must be ours. What asks for anything else is refused at once instead of being kept waiting, and who sends too much is cut off.
 * @param server must have Vite's listener already
 */
export function guardSockets(server: Pick<Server, 'listeners' | 'removeAllListeners' | 'on'>): void {
  const handlers = server.listeners('upgrade')
  const open = new Set<Duplex>()
  server.removeAllListeners('upgrade')
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refusalOf(request, open.size)
    if (refusal !== undefined) {
      refuse(socket, refusal)
      return
    }
    open.add(socket)
    socket.once('close', () => { open.delete(socket) })
    cutOffFloods(socket)
    for (const handler of handlers) Reflect.apply(handler, server, [request, socket, head])
  })
}

function refusalOf({ url, headers }: IncomingMessage, openSockets: number): string | undefined {
  if (!isReadable(url)) return '400 Bad Request'
  if (!isOwnOrigin(headers) || !PROTOCOLS.has(headers['sec-websocket-protocol'] ?? '')) return '403 Forbidden'
  return openSockets >= MAX_SOCKETS ? '503 Service Unavailable' : undefined
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => undefined)
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => { socket.destroy() })
}

/** Counted as it comes: a message is in memory, whole, before anybody could look at its length. */
function cutOffFloods(socket: Duplex): void {
  let [since, bytes] = [performance.now(), 0]
  socket.on('data', (chunk: Buffer) => {
    const now = performance.now()
    if (now - since > 1_000) [since, bytes] = [now, 0]
    bytes += chunk.length
    if (bytes > MAX_BYTES_A_SECOND) socket.destroy()
  })
}
