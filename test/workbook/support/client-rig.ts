/** A client that is under test, a server that it talks to, and what it says. All is closed after each test. */
import { afterEach } from 'vitest'
import { createClient } from '../../harness/client/client.ts'
import type { CheckClient, ClientOptions } from '../../harness/client/client.ts'
import { CheckFailure } from '../../harness/failure.ts'
import { startRecorder } from '../../harness/recorder/recorder.ts'
import { Story } from '../../harness/story.ts'
import { Trace } from '../../harness/trace.ts'
import type { Running } from '../fixtures/http/servers.ts'

const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

interface Opened {
  client: CheckClient
  story: Story
  server: Running
}

export async function open(running: Promise<Running>, options: Partial<ClientOptions> & { isRecorded?: boolean } = {}): Promise<Opened> {
  const server = await start(running)
  const { isRecorded = false, ...clientOptions } = options
  const [story, trace] = [new Story(), new Trace()]
  const recorder = isRecorded ? await startRecorder({ origin: server.origin, trace }) : undefined
  const client = createClient({ origin: recorder?.origin ?? server.origin, story, trace, ...clientOptions })
  cleanUps.push(() => recorder?.close(), () => client.close())
  return { client, story, server }
}

export async function start(running: Promise<Running>): Promise<Running> {
  const server = await running
  cleanUps.push(() => server.close())
  return server
}

export async function failureOf(promise: Promise<unknown>): Promise<CheckFailure> {
  try {
    await promise
  } catch (error) {
    if (error instanceof CheckFailure) return error
    throw error
  }
  throw new Error('Expected a failure')
}

/** A failure as a learner reads it. */
export function tell(name: string, failure: CheckFailure, story: Story): string {
  const steps = story.steps().map(({ text, ok }) => `  ${ok ? '+' : '-'} ${text}`)
  return [`== ${name}`, ...steps, failure.message, `expected: ${failure.expected}`, `actual: ${failure.actual}`, ''].join('\n')
}
