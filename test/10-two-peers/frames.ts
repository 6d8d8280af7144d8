/** Frames, and the answers that they carry. */
import type { CheckContext, Client, Reply, TestLink } from '../harness/lab.ts'
import type { PeerFrame } from '../harness/types/index.ts'

export async function answersAbout(context: CheckContext, link: TestLink, name: string): Promise<void> {
  const { status, body } = await link.ask('/about', { withinMs: 5_000 })
  const text = Buffer.from(body).toString()
  context.expect(`${name} answers a request frame for /about with 200 and its name`, status === 200 && nameIn(text) === name, {
    expected: { status: 200, body: `{"name":"${name}"}` },
    actual: { status, body: text },
  })
}

/** Farther than a program counts: whether an id of ours meets an equal one of a question that is open there would be chance. */
export const FAR_ID = 1_000_000

type AskOptions = NonNullable<Parameters<TestLink['ask']>[1]>

export async function answersBytes(context: CheckContext, link: TestLink, path: string, bytes: Uint8Array, options: AskOptions = {}): Promise<void> {
  const { status, body } = await link.ask(path, { withinMs: 5_000, ...options })
  context.expect(`a request frame for ${path} is answered with 200 and the right ${bytes.length} bytes`, status === 200 && Buffer.from(body).equals(Buffer.from(bytes)), {
    expected: `status 200, ${bytes.length} bytes: ${glimpse(bytes)}`,
    actual: `status ${status}, ${body.length} bytes: ${glimpse(body)}`,
  })
}

function glimpse(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes.subarray(0, 60)).toString('latin1'))
}

/** The next request frame. A program that refuses the user's request instead fails at once, and with that answer. */
export async function requestFrame(link: TestLink, replies: readonly Promise<Reply>[]): Promise<PeerFrame> {
  const frame = link.next('request', { withinMs: 5_000 })
  frame.catch(() => undefined)
  const refused = replies.map(async (reply) => {
    (await reply).hasStatus(200)
    return frame
  })
  return Promise.race([frame, ...refused])
}

/** Asks the program for a guest's, and waits until the question has come to that guest, whose check answers it. */
export async function openQuestion(
  client: Client,
  link: TestLink,
  path: string,
  options: { withinMs?: number } = {},
): Promise<{ reply: Promise<Reply>; id: unknown }> {
  const reply = client.get(path, options)
  reply.catch(() => undefined)
  const { json } = await requestFrame(link, [reply])
  return { reply, id: json?.id }
}

export function response(id: unknown, status: number, bytes: Uint8Array | undefined, done: boolean): object {
  return { type: 'response', id, status, chunk: Buffer.from(bytes ?? []).toString('base64'), done }
}

function nameIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { name?: unknown } | null)?.name
  } catch {
    return undefined
  }
}

export function isJsonError(body: Uint8Array): boolean {
  try {
    const { error } = JSON.parse(Buffer.from(body).toString()) as { error?: unknown }
    return typeof error === 'string' && error !== ''
  } catch {
    return false
  }
}

/** Many bytes of few: blocks of the seed, each begun with its number, so that no two are alike. */
export function long(seed: Uint8Array, length: number): Uint8Array {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at += seed.length) bytes.set(seed.subarray(0, length - at), at)
  for (let at = 0; at + 4 <= length; at += seed.length) bytes.writeUInt32BE(at, at)
  return bytes
}
