import type { Reply } from '../types/index.ts'

/**
 * Expects 413 with a JSON error. A cut answer is in order: a server may answer early and close before all has been read.
 * @throws CheckFailure
 */
export function isRefusedAsTooLarge(reply: Reply): void {
  reply.hasStatus(413)
  const announced = reply.headers['content-length']
  const isWhole = announced === undefined ? reply.bytes.length > 0 : reply.bytes.length === Number(announced)
  if (isWhole) reply.hasJsonError()
}
