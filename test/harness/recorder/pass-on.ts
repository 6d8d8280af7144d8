import type { Socket } from 'node:net'
import type { Conversation, Side } from './conversation.ts'
import { keepReading } from './keep-reading.ts'

/** Bytes that were passed on get this long to be read before a reset follows them: some systems drop unread bytes then. */
const RESET_DELAY_MS = 2

/** Sockets about to be reset. */
const leaving = new WeakSet<Socket>()

/** Joins two sockets: bytes, the end of either direction and resets pass as they come, each told to the conversation first. */
export function passOn(client: Socket, program: Socket, conversation: Conversation): void {
  let isConnected = false
  program.once('connect', () => { isConnected = true })
  program.once('error', (error: NodeJS.ErrnoException) => {
    if (!isConnected) conversation.refused(reason(error))
  })
  passOneWay(client, program, 'client', conversation, (bytes) => conversation.fromClient(bytes))
  passOneWay(program, client, 'server', conversation, (bytes) => conversation.fromServer(bytes))
}

function passOneWay(from: Socket, to: Socket, side: Side, conversation: Conversation, tell: (bytes: Buffer) => void): void {
  from.unref()
  keepReading(from, () => {
    // Once its last byte was read, a failed write is the only sign that it has gone.
    if (from.readableEnded) resetAfterwards(to)
  })
  from.on('data', (bytes: Buffer) => {
    tell(bytes)
    if (!to.writable || to.write(bytes)) return
    from.pause()
    to.once('drain', () => from.resume())
  })
  from.once('end', () => {
    conversation.ended(side, 'closed')
    to.end()
  })
  from.on('error', () => {
    conversation.ended(side, 'reset')
    resetAfterwards(to)
  })
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
