import { check } from '../harness/lab.ts'
import type { CheckContext, Copy } from '../harness/lab.ts'
import { COPY_MS, ownCopy } from './copies.ts'
import { tellsToTheEnd } from './last-lines.ts'

/** From the end of the warm-up, until `/readyz` must say so. */
const READY_MS = 2_000

/** What whoever runs the container sees of it: two probes and a log. */
export function probes(): void {
  check('live-versus-ready', 'GET /livez answers 200 from the first moment; GET /readyz answers 503 until WARMUP_MS have passed, then 200', {
    withinMs: 3 * COPY_MS,
    hints: [
      'Two questions that look alike. Alive: must I restart you? Ready: may I send you listeners? While it warms up, a server is alive and not ready.',
      'See “Alive is not ready”.',
      'WARMUP_MS counts from the start of the program. Which one path should know of it, while all the others answer as ever?',
    ],
  }, async (context) => {
    const { client, eventually, sleep } = context
    // Without WARMUP_MS there is nothing to wait for.
    await eventually('a program without WARMUP_MS is ready', 2_000, async () => {
      const reply = await client.get('/readyz')
      reply.hasStatus(200)
    })
    const unasked = await ownCopy(context, 'not asked while it warms up', { WARMUP_MS: '500' })
    const surelyReadyAt = performance.now() + 500 + READY_MS
    // A machine may be so busy that all of it has passed before the copy is asked; then one that takes longer than most starts, and
    // at last one that takes longer than any may.
    if (!(await warmsUp(context, 2_000)) && !(await warmsUp(context, 8_000))) await isNotReadyYet(context)
    await sleep(Math.max(0, surelyReadyAt - performance.now()))
    const ready = await unasked.client.get('/readyz')
    ready.satisfies('the warm-up begins with the program, and not when somebody asks', ({ status }) => status === 200, ({ status }) => status)
  })

  check('stdout-log', 'Each request is told in one line on stdout, with its path', {
    withinMs: COPY_MS,
    hints: [
      'Whoever runs the container collects what it prints. A file inside dies with the container, and nobody looks there.',
      'See “Lines to stdout”.',
      'For each request, when it has been answered: one line, to stdout and not to stderr, with the path that was asked for, whatever stands in it. Also where the answer is 404 or 503, for every method, and before the program ends.',
    ],
  }, async (context) => {
    const { client, program, random, expect, eventually } = context
    // `/slow` is told when its answer is out, and not when it begins. What is told of it a second time comes before the line of
    // the last path, which is asked for after that answer. The query may be left out of a line.
    const paths = [`/${random.word()}`, `/${random.word()}`, '/slow', `/${random.word()}`]
    for (const [index, path] of paths.entries()) {
      await client.request(index === 1 ? 'POST' : 'GET', path === '/slow' ? '/slow?ms=100' : path)
    }
    const linesWith = (path: string): string[] => program.output().stdout.split('\n').filter((line) => line.includes(path))
    for (const path of paths) {
      await eventually(`stdout tells of ${path}`, 1_500, () => {
        const printed = program.output().stdout
        expect(`a line on stdout names ${path}`, linesWith(path).length > 0, { expected: `a line with ${path}`, actual: printed.slice(-500) })
      })
    }
    for (const path of paths) {
      const lines = linesWith(path)
      const namesNoOther = paths.every((other) => other === path || lines[0]?.includes(other) !== true)
      expect(`one line tells of ${path}, and of nothing else`, lines.length === 1 && namesNoOther, { expected: 1, actual: lines })
    }
    if (process.platform !== 'win32') await tellsToTheEnd(context)
  })
}

async function isNotReadyYet(context: CheckContext): Promise<void> {
  const cold = await ownCopy(context, 'warming up for a minute', { WARMUP_MS: '60000' })
  const live = await cold.client.get('/livez')
  live.hasStatus(200)
  await answersTheRest(cold)
  const early = await cold.client.get('/readyz')
  early.hasStatus(503)
}

/** Asked before `/readyz` says 503, and so while the program warms up. */
async function answersTheRest({ client }: Copy): Promise<void> {
  for (const path of ['/', '/slow?ms=0']) {
    const reply = await client.get(path)
    reply.satisfies(`${path} is answered with 200, also while the program warms up`, ({ status }) => status === 200, ({ status }) => status)
  }
}

/** @returns false when the warm-up had passed before anything could be asked */
async function warmsUp(context: CheckContext, warmupMs: number): Promise<boolean> {
  const { expect, eventually } = context
  const startedAt = performance.now()
  const passedMs = (): number => performance.now() - startedAt
  const cold = await ownCopy(context, `warming up for ${String(warmupMs / 1_000)} s`, { WARMUP_MS: String(warmupMs) })
  const live = await cold.client.get('/livez')
  live.hasStatus(200)
  await answersTheRest(cold)
  const early = await cold.client.get('/readyz')
  if (passedMs() >= warmupMs) return false
  early.hasStatus(503)
  await eventually('it becomes ready', warmupMs + 4_000, async () => {
    const reply = await cold.client.get('/readyz')
    reply.hasStatus(200)
  })
  // Node's own timers may be a millisecond early; the machine's start of a process is never that quick.
  expect(`that was no sooner than ${String(warmupMs)} ms after its start`, passedMs() >= warmupMs - 5, {
    expected: `${String(warmupMs)} ms`, actual: `${passedMs().toFixed(0)} ms`,
  })
  const after = await cold.client.get('/livez')
  after.hasStatus(200)
  return true
}
