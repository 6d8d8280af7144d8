/** What the judge and a host process tell each other, as structured clones. */
import type { Answer, QueueProbe, TestPeerOptions, TraceEvent } from '../types/index.ts'

export type JoinOptions = TestPeerOptions & { signalUrl: string; room: string }

/** What a host is asked to do; each call is answered once, with its number. */
export type Call =
  | { action: 'join'; peer: number; options: JoinOptions }
  | { action: 'send'; link: number; data: string | Uint8Array }
  | { action: 'ask'; link: number; path: string; id?: string | number; withinMs: number }
  | { action: 'probe'; link: number; path: string; withinMs: number }
  | { action: 'close'; link: number }
  | { action: 'behave'; peer: number; options: Pick<TestPeerOptions, 'answers' | 'talks'> }
  | { action: 'leave'; peer: number }

export type ToHost = Call & { call: number }

/** How a call ended. `failed` is the learner's failure, `broken` the harness's own. */
export type Outcome =
  | { event: 'done'; call: number; value?: { id: string } | Answer | QueueProbe }
  | { event: 'failed'; call: number; message: string; expected?: string; actual?: string }
  | { event: 'broken'; call: number; message: string }

/** What happens by itself. */
export type Happening =
  | { event: 'ready' }
  | { event: 'link'; peer: number; link: number; id: string; name: string }
  | { event: 'open'; link: number }
  | { event: 'closed'; link: number; why?: string }
  | { event: 'frame'; link: number; text: string; bytes: number }
  | { event: 'signalled'; link: number; direction: 'sent' | 'received'; kind: string }
  | { event: 'trace'; peer: number; trace: Omit<TraceEvent, 'id' | 'at'> }

export type FromHost = Outcome | Happening

/** Says something to the judge. */
export type Tell = (happening: Happening) => void
