/** Requests that are complete at the same moment: what merely comes side by side never meets on a busy machine. */
import { hasArrived } from '../harness/lab.ts'
import type { CheckContext, Client, Reply } from '../harness/lab.ts'
import { sendRaw } from './wire.ts'
import type { Connection } from './wire.ts'

/** `1 × 200, 49 × 412` */
export function tally(replies: readonly Reply[]): string {
  const statuses = replies.map(({ status }) => status)
  const counts = [...new Set(statuses)].sort().map((status) => `${String(statuses.filter((one) => one === status).length)} × ${String(status)}`)
  return counts.join(', ')
}

/** So few are opened before the program is seen to have taken them in. Python's own server lets 5 wait. */
export const AT_THE_DOOR = 4

/** How often a race is run: where the program cannot be held, the first request may be through before the second has come. */
export function races(context: CheckContext): number {
  return heldProgram(context) === undefined ? 3 : 1
}

/** Connections on which all but the last byte of a request has been read, and how to send the last bytes of some. */
interface LineUp {
  connections: readonly Connection[]
  complete(from: number, to: number): Promise<unknown>
}

export async function lineUp(client: Client, requests: readonly string[]): Promise<LineUp> {
  const connections: Connection[] = []
  for (const request of requests) {
    const connection = await client.connect()
    await sendRaw(connection, request.slice(0, -1))
    // A server that lets few connections wait at its door is right, too.
    if (connections.push(connection) % AT_THE_DOOR === 0) await hasArrived(client, '/requests')
  }
  await hasArrived(client, '/requests')
  const complete = (from: number, to: number): Promise<unknown> => (
    Promise.all(connections.slice(from, to).map((connection, index) => sendRaw(connection, requests[from + index]?.slice(-1) ?? '')))
  )
  return { connections, complete }
}

/**
 * Sends requests so that they are complete at the same moment, each on a connection of its own: first all but the last
 * byte of each, and once the program is seen to have read that far, the last bytes. What is merely sent side by side
 * comes one after the other on a busy machine, and never meets. The last `late` of them are completed once the first has its
 * answer: they come while the others still wait in line.
 */
export async function atOnce(context: CheckContext, requests: readonly string[], late = 0): Promise<Reply[]> {
  const { connections, complete } = await lineUp(context.client, requests)
  const early = requests.length - late
  await whileHeld(context, () => complete(0, early))
  const first = await connections[0]?.reply()
  await complete(early, requests.length)
  const others = await Promise.all(connections.slice(1).map((connection) => connection.reply()))
  return first === undefined ? others : [first, ...others]
}

/** Until all is at its door. */
const HELD_MS = 20

/** Holds the program, where it can be held, while something is sent to it: so it finds all of it at once. */
export async function whileHeld(context: CheckContext, send: () => Promise<unknown>): Promise<void> {
  const program = heldProgram(context)
  program?.kill('SIGSTOP')
  try {
    await send()
    await context.sleep(HELD_MS)
  } finally {
    program?.kill('SIGCONT')
  }
}

/** The program, if it can be held: not on Windows, and not one behind a URL, which to ask for would end the check. */
function heldProgram(context: CheckContext): CheckContext['program'] | undefined {
  if (process.platform === 'win32') return undefined
  try {
    return context.program
  } catch {
    return undefined
  }
}
