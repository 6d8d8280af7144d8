import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'

/** Below the range that systems hand out for outgoing connections, which could take a probed port away. */
const LOWEST = 12_000
const HIGHEST = 32_000
const LOOPBACK = '127.0.0.1'

/** Ports given out by this process and not returned: their programs may not have bound them yet. */
const taken = new Set<number>()

/**
 * A port that nobody listens on, on any address. Another process may still take it before its program does.
 * @throws Error with code `ERR_NO_PORT` when a thousand candidates are all in use
 */
export async function takePort(): Promise<number> {
  const first = randomInt(LOWEST, HIGHEST)
  for (let step = 0; step < 1_000; step++) {
    const port = LOWEST + ((first - LOWEST + step) % (HIGHEST - LOWEST))
    if (taken.has(port)) continue
    taken.add(port)
    if (await isFree(port)) return port
    taken.delete(port)
  }
  throw Object.assign(new Error('No free port was found on 127.0.0.1'), { code: 'ERR_NO_PORT' })
}

/** Lets others have the port again. */
export function returnPort(port: number): void {
  taken.delete(port)
}

/**
 * True when a program could bind the port. A bind to 127.0.0.1 says nothing when somebody holds `::`, so both are
 * tried; where a second bind is allowed beside a wildcard, a connection shows the holder.
 */
export async function isFree(port: number): Promise<boolean> {
  if (!(await canBind(port, LOOPBACK))) return false
  if (process.platform === 'linux') return canBind(port, '::')
  return !(await accepts(port, 200))
}

/** Resolves with true once the port has accepted a connection, which is closed at once. */
export function accepts(port: number, withinMs: number, host = LOOPBACK): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    const finish = (accepted: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(accepted)
    }
    const timer = setTimeout(finish, withinMs, false)
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))
  })
}

function canBind(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    // Without IPv6 there is nothing to collide with.
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
