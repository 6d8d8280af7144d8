import type { Socket } from 'node:net'
import type { Conversation, Side } from './conversation.ts'
import { keepReading } from './keep-reading.ts'
import type { ShakenConnection } from './shaking.ts'
import { straightLine } from './shaky-line.ts'

/** Bytes that were passed on get this long to be read before a reset follows them: some systems drop unread bytes then. */
const RESET_DELAY_MS = 2

/** Sockets about to be reset. */
const leaving = new WeakSet<Socket>()

/**
 * Joins two sockets: bytes, the end of either direction and resets pass as they come, each told to the conversation first.
 * @param shaken has its own ideas of when they pass
 */
export function passOn(client: Socket, program: Socket, conversation: Conversation, shaken?: ShakenConnection): void {
  let isConnected = false
  program.once('connect', () => { isConnected = true })
  program.once('error', (error: NodeJS.ErrnoException) => {
    if (!isConnected) conversation.refused(reason(error))
  })
  passOneWay(client, program, 'client', conversation, shaken)
  passOneWay(program, client, 'server', conversation, shaken)
}

function passOneWay(from: Socket, to: Socket, side: Side, conversation: Conversation, shaken?: ShakenConnection): void {
  from.unref()
  const pass = (bytes: Buffer): void => {
    if (side === 'client') conversation.fromClient(bytes)
    else conversation.fromServer(bytes)
    if (!to.writable || to.write(bytes)) return
    from.pause()
    to.once('drain', () => from.resume())
  }
  const line = shaken?.line(side, pass) ?? straightLine(pass)
  keepReading(from, () => {
    // Once its last byte was read, a failed write is the only sign that it has gone.
    if (from.readableEnded) line.afterwards(() => resetAfterwards(to))
  })
  from.on('data', (bytes: Buffer) => line.carry(bytes))
  from.once('end', () => line.afterwards(() => {
    conversation.ended(side, 'closed')
    to.end()
  }))
  from.on('error', () => line.afterwards(() => {
    conversation.ended(side, 'reset')
    resetAfterwards(to)
  }))
}

/** Resets a connection once all that was written to it has left. */
function resetAfterwards(socket: Socket): void {
  const reset = (): void => {
    setTimeout(() => socket.resetAndDestroy(), RESET_DELAY_MS).unref()
  }
  if (socket.destroyed || leaving.has(socket)) return
  leaving.add(socket)
  if (socket.writable) socket.write('', reset)
  else if (socket.writableEnded && !socket.writableFinished) socket.once('finish', reset)
  else reset()
}

function reason(error: NodeJS.ErrnoException): string {
  return error.code === 'ECONNREFUSED' ? 'connection refused' : `cannot connect: ${error.code ?? error.message}`
}
