import { CheckFailure } from '../failure.ts'
import type { Answer as WholeAnswer } from '../types/index.ts'
import type { Id } from './frames.ts'

/** What the frames of one answer tell. */
type Answer = Omit<WholeAnswer, 'binaryFrames'>

/** Twice the largest body there is, and as many frames as nobody cuts one into. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
const MAX_ANSWER_FRAMES = 50_000

interface Pending {
  status: number
  chunks: Buffer[]
  bytes: number
  frames: number
  largestFrame: number
  /** An id that looks like the request's and is of another type, as it came. */
  lookalike?: string
  settle: (answer: Answer) => void
  /** Ends an answer that is longer than any can be. */
  giveUp: () => void
}

/** Gathers the response frames of the requests that one link has sent. */
export class PendingAnswers {
  readonly #pending = new Map<Id, Pending>()

  /**
   * Waits for the whole answer to a request.
   * @param closed tells the reason where our own side cuts the link
   * @throws CheckFailure after `withinMs`, when the answer does not end, or when the link closes.
   */
  expect(id: Id, path: string, partner: string, withinMs: number, closed: Promise<string | undefined>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#pending.delete(id)
      }
      const fail = (message: string): void => {
        const pending = this.#pending.get(id)
        if (!pending) return
        end()
        reject(new CheckFailure(message, { expected: 'response frames, the last with "done": true', actual: told(pending) }))
      }
      const timer = setTimeout(
        () => fail(`${partner} did not answer the request for ${path} within ${withinMs} ms.`), withinMs,
      )
      void closed.then((why) => fail(`${why ?? `${partner} closed the data channel`} before it had answered the request for ${path}.`))
      this.#pending.set(id, {
        status: 0, chunks: [], bytes: 0, frames: 0, largestFrame: 0,
        giveUp: () => fail(`${partner} answers the request for ${path} with more bytes or frames than any answer has, and never with "done": true.`),
        settle: (answer) => {
          end()
          resolve(answer)
        },
      })
    })
  }

  /** Takes a response frame; false when nobody has asked for it. */
  take(frame: Record<string, unknown>, bytes: number): boolean {
    const pending = this.#pending.get(frame.id as Id)
    if (!pending) {
      this.#noteLookalike(frame.id)
      return false
    }
    pending.frames += 1
    pending.largestFrame = Math.max(pending.largestFrame, bytes)
    pending.status = Number(frame.status)
    const chunk = Buffer.from(typeof frame.chunk === 'string' ? frame.chunk : '', 'base64')
    pending.chunks.push(chunk)
    pending.bytes += chunk.length
    if (frame.done === true) {
      const { status, frames, largestFrame } = pending
      pending.settle({ status, body: Buffer.concat(pending.chunks), frames, largestFrame })
    } else if (pending.bytes > MAX_ANSWER_BYTES || pending.frames > MAX_ANSWER_FRAMES) {
      pending.giveUp()
    }
    return true
  }

  /** `"7"` is not 7: the one who asked finds no question under it. */
  #noteLookalike(id: unknown): void {
    const like = typeof id === 'string' ? Number(id) : String(id)
    const pending = this.#pending.get(like)
    if (pending) pending.lookalike = JSON.stringify(id)
  }
}

function told({ frames, bytes, lookalike }: Pending): string {
  if (lookalike !== undefined) return `a response frame with the id ${lookalike}, which is of another type than the id of the request`
  if (frames === 0) return 'no response frame with the id of the request'
  return `${frames} response frame${frames === 1 ? '' : 's'} with ${bytes} bytes, none of them done`
}
