import { CheckFailure } from '../failure.ts'
import type { QueueProbe } from '../types/index.ts'
import { parseFrame } from './frames.ts'
import type { HostLink } from './host-link.ts'

/**
 * Finds out how much a partner has queued on its link in the middle of an answer. The channel keeps its
 * order, so a pong comes after everything that was waiting when the partner saw the ping: asks for a
 * path, pings when the first part of the answer has come, and counts what comes before the pong.
 *
 * Counted here, in the process that receives, because a count made in the judge would add the frames
 * that wait on their way there. Resolves when the answer has ended: wrtc sometimes crashes a program
 * whose partner closes the channel in the very moment of a `send()`, and that would not be its fault.
 *
 * @throws CheckFailure when there is no pong within `withinMs`, or when the link closes.
 */
export function probeQueue(link: HostLink, path: string, withinMs: number): Promise<QueueProbe> {
  const partner = link.partner.name
  return new Promise((resolve, reject) => {
    let answered = 0
    let waitingBytes = 0
    const end = (): void => {
      clearTimeout(timer)
      link.peer.off('data', count)
    }
    const fail = (message: string): void => {
      end()
      reject(new CheckFailure(message, { expected: 'a pong', actual: `${answered} frames of the answer and no pong` }))
    }
    const count = (data: Buffer): void => {
      // Short frames are looked into, long ones are parts of the answer: no time is spent on parsing them.
      const type = data.length < 200 ? parseFrame(data.toString('utf8'))?.type : 'response'
      if (type === 'response' && (answered += 1) === 1) void link.send('{"type":"ping"}')
      if (answered === 0) return
      if (type !== 'pong') waitingBytes += data.length
      else {
        end()
        void answer.then(() => resolve({ waitingBytes, frames: answered }))
      }
    }
    const timer = setTimeout(() => {
      fail(`${partner} did not answer a ping within ${withinMs} ms, in the middle of its answer to ${path}.`)
    }, withinMs)
    void link.closed.then(() => {
      fail(`${partner} closed the data channel in the middle of its answer to ${path}.`)
    })
    link.peer.on('data', count)
    // Its frames are gathered as any answer's; whether it is right is for another check to say.
    const answer = link.ask(path, withinMs).catch(() => undefined)
  })
}
