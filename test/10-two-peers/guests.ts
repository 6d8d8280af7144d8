/** Test peers that meet the program, and what a check asks of both. */
import pLimit from 'p-limit'
import type { CheckContext, Client, TestLink, TestPeer } from '../harness/lab.ts'
import type { TestPeerOptions } from '../harness/types/index.ts'

export const MIB = 1_048_576

export const LONG_MS = 15_000

export const BYTES = { 'Content-Type': 'application/octet-stream' }

interface Guest {
  peer: TestPeer
  link: TestLink
}

/** A peer that joins last and so calls the learner's program; resolves once both sides say that they are linked. */
export async function guest(context: CheckContext, options: TestPeerOptions): Promise<Guest> {
  const { meeting, client } = context
  await hasJoined(context)
  return inTurn(context, async () => {
    const peer = await context.peer({ linkTo: [meeting.name], ...options })
    const link = await peer.link(meeting.name, { withinMs: 8_000 })
    await isLinked(context, client, peer.name)
    return { peer, link }
  })
}

/**
 * So many guests dial at once and no more: all checks begin together, and a score of connections that
 * are set up in one process in the same moment sometimes crashes wrtc, through no fault of the program.
 */
const dialling = pLimit(4)

/** After its bound a check has this long to say what it waited for. */
const LAST_WORDS_MS = 1_000

/**
 * Dials when there is room. Once its check is over it dials no more, or has its place taken: those of a first round that
 * were given up would hold up all of the second.
 */
export function inTurn<T>({ signal }: Pick<CheckContext, 'signal'>, dial: () => Promise<T>): Promise<T> {
  return dialling(() => {
    signal.throwIfAborted()
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => void setTimeout(reject, LAST_WORDS_MS, signal.reason).unref()
      signal.addEventListener('abort', giveUp, { once: true })
      dial().then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
    })
  })
}

/** Waits until the learner's program is in the room: a program is ready before it has joined, and who joins last calls. */
export async function hasJoined({ eventually, expect, meeting, program }: CheckContext): Promise<void> {
  // A program at an address cannot be in this run's room; asking for it skips the check.
  void program
  await eventually(`${meeting.name} is in the room`, 10_000, () => {
    const names = meeting.point.names(meeting.room)
    expect(`the meeting point knows ${meeting.name}`, names.includes(meeting.name), { actual: names })
  })
}

/** All checks share a room: a name of this check alone. */
export function unique({ random }: CheckContext, name: string): string {
  return `${name}-${random.word()}`
}

export async function linkedNames(client: Client): Promise<unknown[]> {
  const reply = await client.get('/peers')
  const peers = reply.hasStatus(200).json<{ id?: unknown; name?: unknown }[]>()
  reply.satisfies('the body is an array of {id, name}', () => Array.isArray(peers) && peers.every((peer) => typeof peer?.id === 'string' && typeof peer.name === 'string'), () => reply.text)
  return peers.map((peer) => peer.name)
}

export async function isLinked(context: CheckContext, client: Client, name: string): Promise<void> {
  await context.eventually(`GET /peers names ${name}`, 8_000, async () => {
    const names = await linkedNames(client)
    context.expect(`${name} is in the list`, names.includes(name), { actual: names })
  })
}

export async function put(client: Client, encodedTitle: string, body: Uint8Array): Promise<void> {
  const reply = await client.put(`/library/${encodedTitle}`, { body, headers: BYTES })
  reply.satisfies(`${body.length} bytes are taken (a body parser has a limit of its own, in Express 100 kB)`, () => reply.status !== 413, () => 413)
  reply.hasStatus(204)
}

/** The shortest time between one moment and the next: a busy machine makes some longer. */
export function shortestGap(moments: readonly number[]): number {
  return Math.min(...moments.slice(1).map((at, index) => at - (moments[index] ?? at)))
}

/** The same path segment, its first character escaped though it need not be. */
export function escapeFirst(segment: string): string {
  return segment.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`)
}
