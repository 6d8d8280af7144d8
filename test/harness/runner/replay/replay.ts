import { createClient } from '../../client/client.ts'
import { runCheck } from '../../judge/run-check.ts'
import { Session, type SessionOptions } from '../../judge/session.ts'
import { startRecorder } from '../../recorder/recorder.ts'
import { Story } from '../../story.ts'
import { Trace } from '../../trace.ts'
import type { CheckResult, LabDefinition, Program, RawConnection, Replay, ReplayedExchange, TraceEvent } from '../../types/index.ts'
import { answerDifference, answerText } from './compare.ts'
import { planReplay, sentBody, type PlannedExchange } from './plan.ts'
import { Renaming } from './renaming.ts'

/** How long each answer is waited for, and all of them together. */
const ANSWER_MS = 3_000
const TOTAL_MS = 10_000

/** How much of what the program printed is shown, from its end. */
const MAX_OUTPUT = 4_096

export interface ReplayOptions extends SessionOptions {
  /** The failed run of the check. */
  result: CheckResult
  /** Of the run that failed: a check that runs again draws the same values. */
  seed: number
  /** Cancels: a newer save came. */
  signal: AbortSignal
}

/**
 * Starts the learner's program as it is now and sends the messages of a failed check again, through a recorder.
 * What cannot be sent again message by message is run again as one check. Everything that was started has stopped
 * when it resolves.
 * @throws the signal's reason when cancelled
 */
export async function replay(options: ReplayOptions): Promise<Replay> {
  const session = new Session(options)
  const cancel = (): void => void session.close()
  options.signal.addEventListener('abort', cancel, { once: true })
  try {
    const problem = await session.open()
    options.signal.throwIfAborted()
    if (problem !== null) return { kind: 'problem', problem }
    const main = session.hasMeeting ? session.name : 'server'
    const plan = planReplay(options.result.trace, main)
    const played = plan.kind === 'rerun' ? await rerun(session, options, plan.reason) : await send(session.program, main, plan.exchanges, options.signal)
    options.signal.throwIfAborted()
    return played
  } finally {
    options.signal.removeEventListener('abort', cancel)
    await session.close()
  }
}

async function rerun(session: Session, { lab, peers, result, seed, signal }: ReplayOptions, reason: string): Promise<Replay> {
  const check = checkOf(lab, result.id)
  if (check === undefined) return { kind: 'refused', reason: 'This check is no longer part of the lab.' }
  const ran = await runCheck({ check, session, peers, seed, signal })
  return { kind: 'rerun', reason, result: ran.result }
}

function checkOf(lab: LabDefinition, id: string): LabDefinition['checks'][number] | undefined {
  return lab.checks.find((check) => check.id === id)
}

async function send(program: Program, main: string, planned: readonly PlannedExchange[], signal: AbortSignal): Promise<Replay> {
  const trace = new Trace()
  const endsAt = performance.now() + TOTAL_MS
  const recorder = await startRecorder({ origin: program.origin, trace, to: main })
  const client = createClient({
    origin: recorder.origin,
    story: new Story(),
    trace,
    signal,
    diagnose: () => program.diagnose(),
    deadlineMs: () => endsAt - performance.now(),
  })
  const connections = new Map<number, RawConnection>()
  const renaming = new Renaming()
  const exchanges: ReplayedExchange[] = []
  try {
    for (const exchange of planned) {
      if (performance.now() >= endsAt || signal.aborted) break
      const number = exchange.request.detail.connection ?? 0
      const connection = connections.get(number) ?? await client.connect()
      connections.set(number, connection)
      const { played, isKept } = await sendOne(exchange, connection, new URL(recorder.origin).host, trace, renaming)
      exchanges.push(played)
      if (!isKept) connections.delete(number)
    }
  } finally {
    client.close()
    await recorder.close()
  }
  return { kind: 'exchanges', exchanges, trace: trace.events(), output: outputOf(program) }
}

async function sendOne(
  { request, answer }: PlannedExchange,
  connection: RawConnection,
  host: string,
  trace: Trace,
  renaming: Renaming,
): Promise<{ played: ReplayedExchange; isKept: boolean }> {
  const before = trace.events().length
  await connection.send(requestBytes(request, host, renaming))
  const failure = await connection.reply({ withinMs: ANSWER_MS, forMethod: methodOf(request) }).then(() => undefined, messageOf)
  const seen = trace.events().slice(before)
  const sent = seen.find(({ kind, from }) => from === 'client' && kind === 'request') ?? request
  const found = seen.findLast(({ kind, from }) => from !== 'client' && (kind === 'response' || kind === 'raw'))
  const recorded = answer === undefined ? 'No answer came while the check waited.' : answerText(answer)
  if (answer !== undefined && found !== undefined) renaming.learn(answer, found)
  const now = failure === undefined && found !== undefined ? answerText(found) : failure ?? 'No answer came.'
  const difference = differenceOf(answer, failure, recorded, now, renaming)
  const isKept = failure === undefined && !/^connection: *close/im.test(found?.detail.head ?? '')
  return { played: { request: sent, recorded, now, ...(difference && { difference }) }, isKept }
}

/** Two runs without an answer are alike, whatever the words that say so. */
function differenceOf(
  answer: TraceEvent | undefined,
  failure: string | undefined,
  recorded: string,
  now: string,
  renaming: Renaming,
): ReplayedExchange['difference'] {
  const hadAnswer = answer?.kind === 'response'
  const hasAnswer = failure === undefined
  if (!hadAnswer && !hasAnswer) return undefined
  if (hadAnswer !== hasAnswer) return { recordedAt: 0, nowAt: 0, where: 'whether there is an answer' }
  return answerDifference(recorded, now, renaming)
}

/** The request as it went over the wire, to this run's address and in this run's names. */
function requestBytes(request: TraceEvent, host: string, renaming: Renaming): Buffer {
  const [start = '', ...headers] = (request.detail.head ?? '').split('\n').filter((line) => line !== '')
  const [method = '', target = '', version = ''] = start.split(' ')
  const isChunked = headers.some((line) => /^transfer-encoding:.*chunked/i.test(line))
  const body = Buffer.from(renaming.inText((sentBody(request) ?? Buffer.alloc(0)).toString('utf8')))
  const lines = headers.map((line) => {
    if (/^host: *127\.0\.0\.1:\d+$/i.test(line)) return `Host: ${host}`
    return /^content-length:/i.test(line) ? `Content-Length: ${String(body.length)}` : renaming.inText(line)
  })
  const head = [`${method} ${renaming.inTarget(target)} ${version}`, ...lines, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head), ...(isChunked ? inChunks(body) : [body])])
}

function inChunks(body: Buffer): Buffer[] {
  const first = body.length === 0 ? [] : [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]
  return [...first, Buffer.from('0\r\n\r\n')]
}

function methodOf({ detail }: TraceEvent): string {
  return detail.head?.split(' ', 1)[0] ?? ''
}

function outputOf(program: Program): string {
  const { stdout, stderr } = program.output()
  return [stdout, stderr].filter((text) => text !== '').join('\n').slice(-MAX_OUTPUT)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
