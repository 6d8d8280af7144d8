import { PeerBroken } from '../failure.ts'
import type { PeerKit } from '../types/index.ts'
import { closeBrowser } from './browser/launch.ts'
import { HostProcess } from './host-process.ts'
import { startMeetingPoint } from './meeting-point.ts'
import { JudgePeer } from './test-peer.ts'

/**
 * What checks play peers with: meeting points in this process, test peers in host processes beside it.
 * No host outlives `close()`, nor this process, however it ends.
 */
export function createPeerKit(): PeerKit {
  const hosts = new Set<HostProcess>()
  let shared: HostProcess | undefined
  let spare: HostProcess | undefined
  let closed = false
  let crashes = 0

  const start = (): HostProcess => {
    if (closed) throw new PeerBroken('The peer kit is closed')
    const host = new HostProcess()
    hosts.add(host)
    void host.ended.then(() => {
      hosts.delete(host)
      if (!host.wasEnded) crashes += 1
    })
    return host
  }
  const prepare = (): void => {
    if (!shared?.alive) shared = start()
    if (!spare?.alive) spare = start()
  }
  const takeShared = (): HostProcess => {
    if (!shared?.alive) shared = start()
    return shared
  }
  const takeAlone = (): HostProcess => {
    const taken = spare?.alive ? spare : start()
    spare = undefined
    return taken
  }

  return {
    prepare,
    crashes: () => crashes,
    ready: () => takeShared().started(),
    meetingPoint: (options) => startMeetingPoint(options),
    peer: (options, onTrace) => JudgePeer.join(options.alone ? takeAlone() : takeShared(), options, onTrace),
    close: async () => {
      closed = true
      await Promise.all([closeBrowser(), ...[...hosts].map((host) => host.end())])
    },
  }
}
