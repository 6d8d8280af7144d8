import type { Figure, FigureMark, Simulation } from '../figure/types.ts'
import { durationText, sizeText } from '../figure/amounts.ts'
import { fromPeers, fromServer, stopSeconds, type Stop, type Swarm } from './fluid.ts'
import { sideOf, type Side } from './sides.ts'

/** `stops`: who stops once the server has sent as many bytes as the recording has. */
export type Parameters = { listeners: string; up: string; stops: string }

export interface Run extends Simulation {
  swarm: Swarm
  clientServer: Side
  peerToPeer: Side
}

const LISTENERS = ['1', '2', '8', '100', '1000']
/** An hour at 128 kbit/s takes 57.6 MB. */
const RECORDING = { sizeMB: 60, serverMbps: 8, downMbps: 40 }

/** One recording, given to many: by a server alone, or by its listeners too. */
export const figure: Figure<Parameters, Run> = {
  id: 'two-architectures',
  title: 'Everybody wants yesterday’s show: who sends it?',
  controls: [
    { kind: 'buttons', name: 'listeners', label: 'Listeners', value: '8', options: LISTENERS.map((value) => ({ value, text: value })) },
    { kind: 'buttons', name: 'up', label: 'Each passes on', value: '4', options: ['0', '1', '4'].map((value) => ({ value, text: `${value} Mbit/s` })) },
    { kind: 'select', name: 'stops', label: 'Stops', value: 'nobody', inPicture: true, options: ['nobody', 'server', 'listener'].map((value) => ({ value, text: value })) },
  ],
  goals: [
    {
      id: 'survives',
      text: 'Stop the server, and let the listeners get the recording all the same.',
      isReached: ({ swarm, peerToPeer, clientServer }, { stops }) =>
        stops === 'server' && swarm.listeners > 1 && !Number.isFinite(clientServer.distribution.seconds) && Number.isFinite(peerToPeer.distribution.seconds),
    },
    {
      id: 'no-gain',
      text: 'Find a case in which peer-to-peer gains nothing.',
      isReached: ({ clientServer, peerToPeer }, { stops }) => stops === 'nobody' && clientServer.distribution.seconds === peerToPeer.distribution.seconds,
    },
  ],
  simulate,
}

function simulate({ listeners, up, stops }: Parameters): Run {
  const swarm: Swarm = { ...RECORDING, listeners: Number(listeners), upMbps: Number(up) }
  const [one, other] = [fromServer(swarm, stops as Stop), fromPeers(swarm, stops as Stop)]
  const stopsAt = stopSeconds(swarm)
  const last = Math.max(...[one.seconds, other.seconds, stopsAt].filter(Number.isFinite))
  const endsAt = (Number.isFinite(one.seconds) && Number.isFinite(other.seconds) ? last : last * 1.25) * 1_000
  return {
    trace: [],
    marks: marksOf(stops, stopsAt, endsAt, [one.seconds, other.seconds]),
    endsAt,
    swarm,
    clientServer: sideOf(swarm, stops as Stop, one, false, endsAt),
    peerToPeer: sideOf(swarm, stops as Stop, other, true, endsAt),
    tables: [{
      title: `${listeners} want the recording`,
      head: ['Way', 'Everybody has it after', 'The server has sent'],
      rows: [['Client-server', durationText(one.seconds), sizeText(one.serverMB)], ['Peer-to-peer', durationText(other.seconds), sizeText(other.serverMB)]],
    }],
  }
}

function marksOf(stops: string, stopsAt: number, endsAt: number, [one, other]: [number, number]): FigureMark[] {
  const once = 'the server has sent as many bytes as the recording has'
  const what = stops === 'nobody' ? once : `${once}, and ${stops === 'server' ? 'stops' : 'Ana leaves'}`
  return [
    { at: 0, text: 'Nobody has the recording but the server' },
    { at: stopsAt * 1_000, text: what },
    endOf('peer-to-peer', other, endsAt),
    endOf('client-server', one, endsAt),
  ]
}

function endOf(name: string, seconds: number, endsAt: number): FigureMark {
  if (!Number.isFinite(seconds)) return { at: endsAt, text: `${name}: nobody will ever have all of it`, tone: 'bad' }
  return { at: seconds * 1_000, text: `${name}: everybody has the recording, ${durationText(seconds)} after the start`, tone: 'good' }
}
