/**
 * The process that plays test peers: the judge never loads wrtc itself, so a crash of the native code
 * is a peer that is gone and not a judge that is gone.
 */
import { CheckFailure } from '../failure.ts'
import { endProcess } from '../../../labs/shared/webrtc.ts'
import type { HostLink } from './host-link.ts'
import { HostPeer } from './host-peer.ts'
import { probeQueue } from './probe.ts'
import type { Call, FromHost, Happening, Outcome, ToHost } from './messages.ts'

const peers = new Map<number, HostPeer>()
let lastLink = 0

const tell = (message: FromHost): void => {
  if (process.connected) process.send?.(message)
}

process.on('message', (message: ToHost) => void handle(message))
// The judge has ended, however it ended: nobody is left to play for.
process.on('disconnect', () => void endProcess(links().map((link) => link.peer)))
// A Ctrl-C in the terminal is for the judge, which then lets go of this process.
process.on('SIGINT', () => {})
// It may have ended before this line was reached.
if (!process.connected) process.exit()
tell({ event: 'ready' })

async function handle(message: ToHost): Promise<void> {
  tell(await outcome(message))
}

async function outcome(message: ToHost): Promise<Outcome> {
  const { call } = message
  try {
    const value = await act(message)
    return value === undefined ? { event: 'done', call } : { event: 'done', call, value }
  } catch (error) {
    if (error instanceof CheckFailure) {
      const { expected, actual } = error
      return { event: 'failed', call, message: error.message, expected, actual }
    }
    return { event: 'broken', call, message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

async function act(call: Call): Promise<Extract<Outcome, { event: 'done' }>['value']> {
  switch (call.action) {
    case 'join': return { id: await add(call.peer, call).join() }
    case 'send': return link(call.link).send(call.data).then(() => undefined)
    case 'ask': return link(call.link).ask(call.path, call.withinMs, call.id)
    case 'probe': return probeQueue(link(call.link), call.path, call.withinMs)
    case 'close': return link(call.link).close().then(() => undefined)
    case 'behave': return void peers.get(call.peer)?.behave(call.options)
    case 'leave': return remove(call.peer)
  }
}

function add(number: number, { options }: Extract<Call, { action: 'join' }>): HostPeer {
  const peer = new HostPeer(number, options, (happening: Happening) => tell(happening), () => ++lastLink)
  peers.set(number, peer)
  return peer
}

async function remove(number: number): Promise<undefined> {
  const peer = peers.get(number)
  await peer?.leave()
  peers.delete(number)
}

function links(): HostLink[] {
  return [...peers.values()].flatMap((peer) => peer.links())
}

function link(number: number): HostLink {
  const found = links().find((candidate) => candidate.number === number)
  if (!found) throw new CheckFailure('This data channel is closed already.')
  return found
}
