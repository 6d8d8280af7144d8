/** Lab 10's frames: what they are called, and how an answer is cut into them. */

/** The largest frame that may be sent, in bytes. @see RFC 8831, section 6.6 */
export const MAX_FRAME_BYTES = 16_384

export type Id = string | number

/** The JSON object of a frame; undefined when it is none. */
export function parseFrame(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Cuts an answer into response frames, each within `MAX_FRAME_BYTES`; an empty body is one frame. */
export function* responseFrames(id: Id, status: number, body: Uint8Array): Generator<string> {
  const envelope = JSON.stringify({ type: 'response', id, status, chunk: '', done: false })
  // Base64 makes four bytes of three.
  const chunkBytes = Math.floor((MAX_FRAME_BYTES - Buffer.byteLength(envelope)) / 4) * 3
  let offset = 0
  do {
    const chunk = Buffer.from(body.subarray(offset, offset + chunkBytes)).toString('base64')
    offset += chunkBytes
    yield JSON.stringify({ type: 'response', id, status, chunk, done: offset >= body.length })
  } while (offset < body.length)
}

/** One line that tells what a frame is: `request 7 /about`. */
export function summarize(frame: Record<string, unknown> | undefined, bytes: number): string {
  if (!frame) return `${bytes} bytes that are not a JSON object`
  const { type, id, path, status, done } = frame
  if (type === 'request') return `request ${word(id)} ${word(path)}`
  if (type === 'response') return `response ${word(id)} ${word(status)}, ${bytes} bytes${done === true ? ', done' : ''}`
  return type === undefined ? 'frame without a type' : word(type)
}

/** A member's value as a word of a line: a stranger may have put anything there. */
function word(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'without')).slice(0, 100)
}
