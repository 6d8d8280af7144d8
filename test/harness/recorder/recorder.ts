import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Trace } from '../trace.ts'
import { Conversation } from './conversation.ts'
import { passOn } from './pass-on.ts'
import { Shaking } from './shaking.ts'
import type { ShakeOptions } from './shaking.ts'

export interface RecorderOptions {
  /** Of the program: `http://127.0.0.1:18234`. */
  origin: string
  trace: Trace
  /** Who speaks, in the trace. Default `client`. */
  from?: string
  /** Who is spoken to. Default `server`. */
  to?: string
  /** Splits and delays what passes, and breaks connections where the protocol allows it. Default: nothing of the kind. */
  shake?: ShakeOptions
}

/** A proxy on loopback that writes down what passes. */
export interface Recorder {
  /** Where to send what should be recorded: `http://127.0.0.1:40123`. */
  readonly origin: string
  readonly port: number
  /** Ends every connection and frees the port. */
  close(): Promise<void>
}

/**
 * Starts a TCP proxy in front of the program. It passes every byte on unchanged and in order, a close as a close and a
 * reset as a reset, and parses a copy of both directions into the trace. An event stands in the trace
 * before its bytes reach the other side. Does not keep the process alive.
 * @throws Error when `origin` is not an `http:` URL
 */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const { trace, from = 'client', to = 'server' } = options
  const program = addressOf(options.origin)
  const open = new Set<() => void>()
  const shaking = options.shake === undefined ? undefined : new Shaking(options.shake)
  let connection = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const conversation = new Conversation({ trace, from, to, connection: ++connection })
    const upstream = connect({ ...program, allowHalfOpen: true, noDelay: true })
    passOn(client, upstream, conversation, shaking?.connection(client, upstream, conversation))
    const abandon = (): void => {
      conversation.abandon()
      client.destroy()
      upstream.destroy()
    }
    open.add(abandon)
    onceBothClosed(client, upstream, () => open.delete(abandon))
  })
  const port = await listen(server)
  return { origin: `http://127.0.0.1:${port}`, port, close: () => close(server, open) }
}

function addressOf(origin: string): { host: string; port: number } {
  const url = new URL(origin)
  if (url.protocol !== 'http:') throw new Error(`Expected \`origin\` to be an http: URL, got "${origin}"`)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port === '' ? 80 : url.port) }
}

function onceBothClosed(one: Socket, other: Socket, then: () => void): void {
  one.once('close', () => (other.closed ? then() : other.once('close', then)))
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  server.unref()
  return (server.address() as AddressInfo).port
}

async function close(server: Server, open: ReadonlySet<() => void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const abandon of [...open]) abandon()
  await closed
}
