import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '../client/client.ts'
import { ProgramFailure, StreamFailure } from '../client/program-failure.ts'
import { CheckFailure, CheckSkipped } from '../failure.ts'
import type { Compared } from '../failure.ts'
import { createRandom } from '../random.ts'
import { startRecorder } from '../recorder/recorder.ts'
import type { Story } from '../story.ts'
import type { Trace } from '../trace.ts'
import type { CheckContext, Client, Copy, CopyOptions, Measure, PeerKit, Program } from '../types/index.ts'
import type { BoundClock } from './bound-clock.ts'
import type { CleanUp } from './clean-up.ts'
import type { Session } from './session.ts'
import { imageParts } from './image-parts.ts'
import { shakenPoint, shakenUrl, shakeSeed } from './shaken.ts'

/** Between two attempts of `eventually`: soon at first, then rarer, so that waiting costs the program little. */
const FIRST_GAP_MS = 20
const LAST_GAP_MS = 100

/** What one check's context stands on. */
export interface ContextParts {
  /** The check's. */
  id: string
  session: Session
  peers: PeerKit
  story: Story
  trace: Trace
  cleanUp: CleanUp
  /** What the check measures goes here. */
  measures: Map<string, Measure>
  seed: number
  /** Aborted when the check's bound has passed. */
  signal: AbortSignal
  /** Counts what is left of it. */
  clock: BoundClock
}

/** A context, and the clients made in it: the last curl line comes from there. */
export interface BuiltContext {
  context: CheckContext
  lastCurl(): string | undefined
}

/** Builds what a check's function is given. */
export async function buildContext(parts: ContextParts): Promise<BuiltContext> {
  const clients: ReturnType<typeof createClient>[] = []
  const connect = async (program: Program, name: string): Promise<Client> => {
    const client = await connectClient(parts, program, name)
    clients.push(client)
    return client
  }
  const { session } = parts
  const client = await connect(session.program, session.isRemote ? 'server' : mainName(session))
  const context: CheckContext = {
    ...plainParts(parts),
    ...peerParts(parts),
    ...imageParts(parts, connect),
    client,
    get program() {
      if (session.isRemote) throw new CheckSkipped('This check starts or stops the program itself; a URL can only be asked.')
      return session.program
    },
    get meeting() {
      return { point: session.meeting, room: session.room, name: session.name }
    },
    copy: (options) => openCopy(parts, connect, options),
  }
  return { context, lastCurl: () => clients.map((made) => made.lastCurl()).findLast((line) => line !== undefined) }
}

function mainName(session: Session): string {
  return session.hasMeeting ? session.name : 'server'
}

async function connectClient(parts: ContextParts, program: Program, name: string): Promise<ReturnType<typeof createClient>> {
  const { trace, story, signal, cleanUp, clock, session } = parts
  const shake = session.shake === undefined ? {} : { shake: { seed: shakeSeed(session.shake, `${parts.id} ${name}`), closesIdle: true } }
  const recorder = await startRecorder({ origin: program.origin, trace, from: 'client', to: name, ...shake })
  cleanUp.add(() => recorder.close())
  const client = createClient({
    origin: recorder.origin,
    story,
    trace,
    signal,
    name,
    diagnose: () => program.diagnose(),
    deadlineMs: () => clock.leftMs,
  })
  cleanUp.add(() => {
    client.close()
  })
  return client
}

async function openCopy(
  parts: ContextParts,
  connect: (program: Program, name: string) => Promise<Client>,
  options: CopyOptions,
): Promise<Copy> {
  const { session, story, cleanUp, clock } = parts
  if (session.isRemote) throw new CheckSkipped('This check starts a second copy of the program; a URL can only be asked.')
  const { program, problem } = await clock.during(session.copy(options))
  if (options.own === true) {
    cleanUp.add(() => {
      session.end(program)
    })
  }
  const what = `a copy of your program, named ${options.name}, is ready`
  if (problem !== null && options.mayEnd === true) {
    story.step(`a copy of your program, named ${options.name}, was started and is not ready`)
    return { name: options.name, program, client: await connect(program, options.name) }
  }
  if (problem !== null) {
    story.failedStep(what)
    throw new ProgramFailure(problem, `the start of a second copy, named ${options.name}`)
  }
  story.step(what)
  return { name: options.name, program, client: await connect(program, options.name) }
}

type PlainParts = Pick<
  CheckContext,
  'random' | 'signal' | 'note' | 'expect' | 'fail' | 'eventually' | 'inOneStep' | 'measure' | 'sleep' | 'skip' | 'onEnd'
>

function plainParts({ story, seed, signal, cleanUp, measures }: ContextParts): PlainParts {
  const fail = (message: string, compared?: Compared): never => {
    story.failedStep(message)
    throw new CheckFailure(message, compared)
  }
  return {
    random: createRandom(seed),
    signal,
    note: (text) => {
      story.step(text)
    },
    expect: (what, holds, compared) => {
      if (!holds) fail(`Expected that ${what}.`, compared)
      story.step(what)
    },
    fail,
    eventually: (what, withinMs, attempt) => eventually(story, signal, what, withinMs, attempt),
    inOneStep: (what, work) => inOneStep(story, what, work),
    measure: (name, value, unit) => {
      if (!Number.isFinite(value)) throw new TypeError(`Expected the measure "${name}" to be a finite number, got ${String(value)}`)
      measures.set(name, { name, value, ...(unit !== undefined && { unit }) })
    },
    sleep: (ms) => delay(ms, undefined, { signal }),
    skip: (reason) => {
      throw new CheckSkipped(reason)
    },
    onEnd: (task) => {
      cleanUp.add(task)
    },
  }
}

/** What fails in it keeps its steps: they lead to the failure. */
async function inOneStep<T>(story: Story, what: string, work: () => Promise<T>): Promise<T> {
  const mark = story.mark()
  const value = await work()
  story.rewind(mark)
  story.step(what)
  return value
}

function peerParts(parts: ContextParts): Pick<CheckContext, 'meetingPoint' | 'peer'> {
  const { id, session, peers, trace, story, cleanUp } = parts
  const onTrace = trace.add.bind(trace)
  const names = new Set<string>()
  // All checks of a run share one meeting point: a check's trace shows what concerns its own peers.
  cleanUp.add(session.onSignal((event) => {
    if (names.has(event.from) || names.has(event.to)) onTrace(event)
  }))
  return {
    meetingPoint: async (options) => {
      const point = await shakenPoint(await peers.meetingPoint({ ...options, onTrace }), session.shake, id)
      cleanUp.add(() => point.close())
      return point
    },
    peer: async (options) => {
      const way = await shakenUrl(options.signalUrl ?? session.meeting.url, session.shake, `${id} ${String(names.size)}`)
      cleanUp.add(() => way.close())
      const room = options.room ?? session.room
      names.add(options.name)
      const peer = await peers.peer({ ...options, signalUrl: way.url, room }, onTrace)
      cleanUp.add(() => peer.leave())
      story.step(`a peer named ${options.name} joins the room`)
      return peer
    },
  }
}

async function eventually<T>(
  story: Story,
  signal: AbortSignal,
  what: string,
  withinMs: number,
  attempt: () => Promise<T> | T,
): Promise<T> {
  const mark = story.mark()
  let gapMs = FIRST_GAP_MS
  const endsAt = performance.now() + withinMs
  for (;;) {
    try {
      const value = await attempt()
      story.step(what)
      return value
    } catch (error) {
      const isFinal = !(error instanceof CheckFailure) || error instanceof ProgramFailure
      if (isFinal || signal.aborted) throw error
      if (performance.now() >= endsAt) {
        const message = `Within ${String(withinMs / 1_000)} s, expected that ${what}. The last try: ${error.message}`
        throw error instanceof StreamFailure ? new StreamFailure(error.curl, message, error) : new CheckFailure(message, error)
      }
    }
    story.rewind(mark)
    await delay(gapMs)
    gapMs = Math.min(LAST_GAP_MS, gapMs * 1.5)
  }
}
