/** Copies of the program, and how long a check waits for them and for an image. */
import type { CheckContext, Copy } from '../harness/lab.ts'

/** Until a program that was asked to stop has ended, with nothing in its way. */
export const STOP_MS = 2_000

/** What a busy machine may add to that: less than the 5 s that Node keeps an idle connection for. */
export const SLACK_MS = 2_000

/** A check that starts copies of its own: on a busy machine each takes a second or two. */
export const COPY_MS = 20_000
/** A build that has to run npm, on a machine with more to do. */
export const IMAGE_MS = 50_000

/** A copy of the program for this check alone, at a station of its own. */
export async function ownCopy({ copy, random }: CheckContext, name: string, env: Record<string, string> = {}): Promise<Copy> {
  return copy({ name, own: true, env: { STATION: random.word(), ...env } })
}

export function refuseWindows({ skip }: CheckContext): void {
  if (process.platform === 'win32') skip('Windows has no SIGTERM that a program could hear.')
}

/** How long after SIGTERM the program ended, and how; undefined: it has not, in that time. */
export async function endOf({ program }: Copy, withinMs: number, context: CheckContext): Promise<{ ms: number; code: number | null } | undefined> {
  const beganAt = performance.now()
  const late = context.sleep(withinMs).then(() => undefined)
  const exit = await Promise.race([program.ended, late])
  return exit === undefined ? undefined : { ms: Math.round(performance.now() - beganAt), code: exit.code }
}

export function sendSigterm({ note }: CheckContext, { program }: Copy): void {
  program.kill('SIGTERM')
  note('SIGTERM is sent')
}
