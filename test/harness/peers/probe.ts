import { setTimeout as delay } from 'node:timers/promises'
import { CheckFailure } from '../failure.ts'
import type { QueueProbe } from '../types/index.ts'
import type { HostLink } from './host-link.ts'

/** After so many bytes of the answer a second ping is sent: a sender that is quick but unpaced has queued it all by now. */
const SECOND_PING_BYTES = 524_288

/**
 * Finds out how much a partner has queued on its link in the middle of an answer. The channel keeps its
 * order, so a pong comes after everything that was waiting when the partner saw the ping: asks for a
 * path, pings when the answer has begun and once more a little later, and counts what comes before each pong.
 *
 * Counted here, in the process that receives, because a count made in the judge would add the frames
 * that wait on their way there. Resolves when the answer has ended: wrtc sometimes crashes a program
 * whose partner closes the channel in the very moment of a `send()`, and that would not be its fault.
 *
 * @throws CheckFailure when a pong does not come within `withinMs`, or when the link closes.
 */
export function probeQueue(link: HostLink, path: string, withinMs: number): Promise<QueueProbe> {
  const partner = link.partner.name
  return new Promise((resolve, reject) => {
    const pings: { pong: number; atBytes: number; waitingBytes?: number }[] = []
    let frames = 0
    let bytes = 0
    let isOver = false
    const ping = (): void => void pings.push({ pong: link.ping(), atBytes: bytes })
    const end = (): void => {
      isOver = true
      clearTimeout(timer)
      link.peer.off('data', count)
    }
    const fail = (message: string): void => {
      end()
      reject(new CheckFailure(message, { expected: 'a pong', actual: `${frames} frames of the answer and no pong` }))
    }
    const count = (data: Buffer): void => {
      bytes += data.length
      for (const sent of pings) if (link.pongs >= sent.pong) sent.waitingBytes ??= bytes - sent.atBytes
      // Pings and pongs are short, parts of an answer long: no time is spent on reading them.
      if (data.length > 200) frames += 1
      if (pings.length === 0 && frames > 0) ping()
      if (pings.length === 1 && bytes >= SECOND_PING_BYTES) ping()
    }
    const timer = setTimeout(() => {
      fail(`${partner} did not answer a ping within ${withinMs} ms, in the middle of its answer to ${path}.`)
    }, withinMs)
    void link.closed.then(() => {
      fail(`${partner} closed the data channel in the middle of its answer to ${path}.`)
    })
    link.peer.on('data', count)
    // Its frames are gathered as any answer's; whether it is right is for another check to say.
    void link.ask(path, withinMs).catch(() => undefined).then(awaitPongs)

    async function awaitPongs(): Promise<void> {
      while (!isOver && pings.some(({ waitingBytes }) => waitingBytes === undefined)) await delay(20)
      if (isOver) return
      end()
      resolve({ waitingBytes: Math.max(0, ...pings.map((sent) => sent.waitingBytes ?? 0)), frames })
    }
  })
}
