/**
 * One recording for many listeners, in the fluid model: bits flow like water, and every line is used to the full. So
 * its times are bounds: nothing is faster.
 */
export interface Swarm {
  /** How many want it, at least 1. */
  listeners: number
  /** Megabytes of the recording. */
  sizeMB: number
  /** What the server can send, in megabits a second. */
  serverMbps: number
  /** What each listener can receive, in megabits a second. */
  downMbps: number
  /** What each listener passes on, in megabits a second. */
  upMbps: number
}

/** What stops when the server has sent as many bytes as the recording has. */
export type Stop = 'nobody' | 'server' | 'listener'

export interface Distribution {
  /** Until all who are left have all of it; infinite when they never do. */
  seconds: number
  /** What the server has sent by then. */
  serverMB: number
  /** What each has when something stops. If nothing does, or all have finished by then: `sizeMB`. */
  haveMB: number
}

/** When the server has sent as many bytes as the recording has. */
export function stopSeconds({ sizeMB, serverMbps, downMbps, listeners }: Swarm): number {
  return (sizeMB * 8) / Math.min(serverMbps, listeners * downMbps)
}

/**
 * The server sends to each: max(N·F/u_s, F/d_min).
 * @see Kurose & Ross, Computer Networking, §2.5 (§2.6 in some editions)
 */
export function fromServer(swarm: Swarm, stop: Stop): Distribution {
  const { listeners, sizeMB, serverMbps, downMbps } = swarm
  const bits = sizeMB * 8
  const seconds = Math.max((listeners * bits) / serverMbps, bits / downMbps)
  const stopsAt = stopSeconds(swarm)
  if (stop === 'nobody' || seconds <= stopsAt) return { seconds, serverMB: listeners * sizeMB, haveMB: sizeMB }
  const haveMB = sizeMB / listeners
  if (stop === 'server') return { seconds: Number.POSITIVE_INFINITY, serverMB: sizeMB, haveMB }
  // What the one who left has had is lost; the line is shared by the others.
  const rest = (listeners - 1) * (sizeMB - haveMB)
  return { seconds: stopsAt + Math.max((rest * 8) / serverMbps, ((sizeMB - haveMB) * 8) / downMbps), serverMB: sizeMB + rest, haveMB }
}

/**
 * Peers pass on what they have: max(F/u_s, F/d_min, N·F/(u_s + Σu)). The server sends each bit once at least, and
 * otherwise what the peers cannot.
 * @see Kumar & Ross 2006, Peer-assisted file distribution: the minimum distribution time
 */
export function fromPeers(swarm: Swarm, stop: Stop): Distribution {
  const { listeners, sizeMB, serverMbps, downMbps, upMbps } = swarm
  const bits = sizeMB * 8
  const together = listeners * upMbps
  const seconds = Math.max(bits / serverMbps, bits / downMbps, (listeners * bits) / (serverMbps + together))
  const serverMB = Math.max(sizeMB, listeners * sizeMB - (together * seconds) / 8)
  const stopsAt = stopSeconds(swarm)
  if (stop === 'nobody' || seconds <= stopsAt) return { seconds, serverMB, haveMB: sizeMB }
  // The server has sent each bit once, to one listener or another, and the listeners have passed on all they could.
  const had = Math.min(listeners * sizeMB, sizeMB + (together * stopsAt) / 8)
  const haveMB = had / listeners
  if (stop === 'server') {
    const left = together === 0 ? Number.POSITIVE_INFINITY : ((listeners * sizeMB - had) * 8) / together
    return { seconds: stopsAt + Math.max(left, ((sizeMB - haveMB) * 8) / downMbps), serverMB: sizeMB, haveMB }
  }
  // The server still has every bit, so what left with the one can be sent again. One alone has nobody to pass anything to.
  const rest = (listeners - 1) * (sizeMB - haveMB)
  const up = listeners > 2 ? (listeners - 1) * upMbps : 0
  const left = Math.max((rest * 8) / (serverMbps + up), ((sizeMB - haveMB) * 8) / downMbps)
  return { seconds: stopsAt + left, serverMB: sizeMB + Math.max(0, rest - (up * left) / 8), haveMB }
}
