/**
 * The child process of the dev server that judges: whatever a learner's program does to its judge,
 * the site stays up. Started with an IPC channel; ends when that channel closes, however the dev server ended.
 */
import { createLauncher } from '../launcher/launcher.ts'
import { createPeerKit } from '../peers/kit.ts'
import { ROOT } from '../labs.ts'
import { createRunner } from './runner.ts'
import type { FromRunner, ToRunner } from './messages.ts'
import { labWork } from './work.ts'

/** Past this, what still ends is left to its own watch on its parent. */
const CLOSE_MS = 3_000

const launcher = createLauncher()
const peers = createPeerKit()
const runner = createRunner(labWork(ROOT, launcher, peers), send)

process.on('message', (message: ToRunner) => {
  runner.receive(message).catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error)
    const slug = message.type === 'page' ? message.message.slug : ''
    send({ message: { type: 'error', slug, message: text } })
  })
})
process.on('disconnect', () => void end())
// Ctrl-C reaches the whole group; the dev server closes the channel when it has finished.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void end())

let ending: Promise<void> | undefined

function end(): Promise<void> {
  ending ??= (async (): Promise<void> => {
    setTimeout(() => process.exit(1), CLOSE_MS)
    await runner.close()
    await Promise.allSettled([launcher.close(), peers.close()])
    process.exit(0)
  })()
  return ending
}

function send(message: FromRunner): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}
