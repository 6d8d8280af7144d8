import { createHash } from 'node:crypto'
import { startRecorder } from '../recorder/recorder.ts'
import { Trace } from '../trace.ts'
import type { MeetingPoint } from '../types/index.ts'

/** Of the streams that pass through one place. */
const STREAM_CUTS = 3
/** Signals that are posted at the same time overtake each other. */
const MAX_START_MS = 100

/** A way to a server that is not the recorder's. */
export interface Way {
  url: string
  close(): Promise<void>
}

/** A seed for one of the places that are shaken: no two of them shake alike. */
export function shakeSeed(shake: number, place: string): number {
  return createHash('sha256').update(`${String(shake)} ${place}`).digest().readUInt32BE(0)
}

/**
 * The way to `url` for a client that opens a broken event stream again, as lab 10's contract asks of programs.
 * @param shake undefined: the straight way
 */
export async function shakenUrl(url: string, shake: number | undefined, place: string): Promise<Way> {
  if (shake === undefined) return { url, close: async () => undefined }
  // Nobody reads this trace: what concerns a check is told by the meeting point, or stands in the recorder behind.
  const options = { seed: shakeSeed(shake, place), streamCuts: STREAM_CUTS, maxStartMs: MAX_START_MS }
  const recorder = await startRecorder({ origin: url, trace: new Trace(), shake: options })
  return { url: recorder.origin, close: () => recorder.close() }
}

/** A meeting point to which all ways are shaken. */
export async function shakenPoint(point: MeetingPoint, shake: number | undefined, place: string): Promise<MeetingPoint> {
  if (shake === undefined) return point
  const way = await shakenUrl(point.url, shake, place)
  return {
    url: way.url,
    straightUrl: point.url,
    names: (room) => point.names(room),
    close: async () => {
      await way.close()
      await point.close()
    },
  }
}
