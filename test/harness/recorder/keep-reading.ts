import type { Socket } from 'node:net'

type Done = (error?: Error | null) => void

const broken = new WeakSet<Socket>()

/**
 * Lets a failed write pass, so that what the other side sent before it closed can still be read.
 * A server may answer 413 and close while the upload is under way; Node destroys a socket at the
 * first write that fails, and the answer that waits in the system's buffer would be lost with it.
 * The reading side then tells how the connection ended.
 * @param onBroken called when a write has failed
 */
export function keepReading(socket: Socket, onBroken: () => void = () => {}): Socket {
  const write = socket._write.bind(socket)
  const writeMany = socket._writev?.bind(socket)
  const forgive = (done: Done): Done => (error) => {
    if (error) {
      broken.add(socket)
      onBroken()
    }
    done()
  }
  socket.once('error', () => broken.add(socket))
  socket._write = (chunk, encoding, done) => write(chunk, encoding, forgive(done))
  if (writeMany !== undefined) socket._writev = (chunks, done) => writeMany(chunks, forgive(done))
  return socket
}

/** True for a socket given to `keepReading` that ended by a reset or a failed write instead of a close. */
export function wasReset(socket: Socket): boolean {
  return broken.has(socket)
}
