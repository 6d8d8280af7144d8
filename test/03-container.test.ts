import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { check, lab } from './harness/lab.ts'
import type { CheckContext, Client, Copy, Reply } from './harness/lab.ts'

/** What lies around in a folder while somebody works there. None of it is anybody's business but theirs. */
const canaries = {
  env: 'canary-4f1c-of-the-stream-key',
  git: 'canary-9d02-of-the-repository',
  log: 'canary-77ab-of-a-log',
  modules: 'canary-c3e8-of-other-modules',
}

lab({
  title: 'The server in its container',
  program: 'server',
  env: { STATION: 'Harbour Radio' },
  concurrent: 4,
  copies: 3,
  // What a starter fails is judged once more, alone, and on a busy machine that takes its time.
  runMs: 120_000,
  image: {
    packages: 'labs/03-container/packages',
    planted: {
      '.env': `STREAM_KEY=${canaries.env}\n`,
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/config': `[remote "origin"]\n\turl = https://presenter:${canaries.git}@git.example/station.git\n`,
      'debug.log': `GET /login 200 cookie=${canaries.log}\n`,
      'node_modules/left-behind/package.json': `{ "name": "left-behind", "version": "0.0.1", "description": "${canaries.modules}" }\n`,
      'node_modules/left-behind/index.js': `// ${canaries.modules}\n`,
    },
  },
})

/** Until a program that was asked to stop has ended, with nothing in its way. */
const STOP_MS = 2_000
/** What a busy machine may add to that: less than the 5 s that Node keeps an idle connection for. */
const SLACK_MS = 2_000
/** A check that starts copies of its own: on a busy machine each takes a second or two. */
const COPY_MS = 20_000
/** A build that has to run npm, on a machine with more to do. */
const IMAGE_MS = 50_000
/** The lowest ports of the loopback network but one: on Linux and Windows all of 127.0.0.0/8 is this machine. */
const OTHER_LOOPBACK = '127.0.0.2'

/** A copy of the program for this check alone, at a station of its own. */
async function ownCopy({ copy, random }: CheckContext, name: string, env: Record<string, string> = {}): Promise<Copy> {
  return copy({ name, own: true, env: { STATION: random.word(), ...env } })
}

function refuseWindows({ skip }: CheckContext): void {
  if (process.platform === 'win32') skip('Windows has no SIGTERM that a program could hear.')
}

/** How long after SIGTERM the program ended, and how; undefined: it has not, in that time. */
async function endOf({ program }: Copy, withinMs: number, context: CheckContext): Promise<{ ms: number; code: number | null } | undefined> {
  const beganAt = performance.now()
  const late = context.sleep(withinMs).then(() => undefined)
  const exit = await Promise.race([program.ended, late])
  return exit === undefined ? undefined : { ms: Math.round(performance.now() - beganAt), code: exit.code }
}

function sendSigterm({ note }: CheckContext, { program }: Copy): void {
  program.kill('SIGTERM')
  note('SIGTERM is sent')
}

/** A request on a connection of its own that the program is working on when this resolves. */
interface InFlight {
  connection: Awaited<ReturnType<Client['connect']>>
  answer: Promise<Reply>
  /** When it was asked, and how long it takes. */
  askedAt: number
  ms: number
}

/** What to ask `/slow` for: at least so long, and on a busy machine no longer than that. */
interface Wanted {
  leastMs: number
  mostMs?: number
}

/** One answer of several, as `allInFlight` says. */
async function inFlight(copy: Copy, wanted: Wanted, context: CheckContext): Promise<InFlight> {
  const [one] = await allInFlight(copy, [wanted], context)
  return one as InFlight
}

/**
 * Asks for answers that take at least so long, and longer where the machine is busy: they must still be on their way when
 * SIGTERM comes. That the program has the requests shows a later one that was answered.
 */
async function allInFlight(copy: Copy, wanted: readonly Wanted[], context: CheckContext): Promise<InFlight[]> {
  for (let patience = 1; ; patience *= 2) {
    const { isAnswered, slow } = await askSlowly(copy, wanted, patience, context)
    // On a busy machine an answer may be out before anything else has happened.
    if (!isAnswered || patience === 4) return slow
  }
}

async function askSlowly(
  { client }: Copy,
  wanted: readonly Wanted[],
  patience: number,
  { sleep }: CheckContext,
): Promise<{ slow: InFlight[]; isAnswered: boolean }> {
  const beganAt = performance.now()
  const before = await client.get('/livez')
  before.hasStatus(200)
  const roundTripMs = performance.now() - beganAt
  const slow: InFlight[] = []
  let isAnswered = false
  for (const { leastMs, mostMs = Infinity } of wanted) {
    const ms = Math.round(Math.min(patience * leastMs + 10 * roundTripMs, mostMs))
    const connection = await client.connect()
    const askedAt = performance.now()
    await connection.send(`GET /slow?ms=${String(ms)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    const answer = connection.reply({ withinMs: ms + 6_000 })
    answer.then(() => { isAnswered = true }, () => undefined)
    slow.push({ connection, answer, askedAt, ms })
  }
  await sleep(100 + roundTripMs)
  const later = await client.get('/livez')
  later.hasStatus(200)
  await sleep(100 + roundTripMs)
  return { slow, isAnswered }
}

/** What a new connection meets: a status, or the word for a refusal. */
function knock(port: number): Promise<number | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const request = httpRequest({ host: '127.0.0.1', port, path: '/', agent: false, timeout: 1_500 }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('timeout', () => {
      resolve('silent')
      request.destroy()
    })
    request.on('error', () => {
      resolve('refused')
    })
    request.end()
  })
}

/** True when a connection to that address stands. */
function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_500 })
    const finish = (stands: boolean): void => {
      socket.destroy()
      resolve(stands)
    }
    socket.once('connect', () => {
      finish(true)
    })
    socket.once('error', () => {
      finish(false)
    })
    socket.once('timeout', () => {
      finish(false)
    })
  })
}

check('port', 'Two copies of one station stand side by side, each on the PORT that it was given', {
  withinMs: COPY_MS,
  hints: [
    'A machine runs many containers, and who starts them gives out the ports. A program that needs something which only one can have stands alone.',
    'See “What comes from outside”, the paragraph on PORT.',
    'Look for what two copies would share: a port written as a number, a lock file, a socket with a fixed name.',
  ],
}, async ({ copy, random, sleep, note }) => {
  const env = { STATION: random.word() }
  const first = await copy({ name: 'first', own: true, env })
  const second = await copy({ name: 'second', own: true, env })
  for (const { client } of [first, second]) (await client.get('/')).hasStatus(200)
  note('half a second later, both are still there')
  await sleep(500)
  for (const { client } of [first, second]) (await client.get('/')).hasStatus(200)
})

check('required-config', 'GET / names the STATION of the environment; without one the program says so on stderr and ends with an exit code that is not 0', {
  withinMs: COPY_MS,
  hints: [
    'A program that starts with half its configuration fails later, at night, for a listener. One that refuses to start fails now, before whoever started it.',
    'See “What comes from outside”: what is required, and what has a default.',
    'Missing and empty are the same mistake. Before it listens, the program must write a sentence that names STATION to stderr, and end with a code above 0.',
  ],
}, async (context) => {
  const { copy, random, expect } = context
  const station = random.word()
  const named = await copy({ name: 'named', own: true, env: { STATION: station } })
  const reply = await named.client.get('/')
  reply.hasStatus(200).hasContentType('text/plain')
  const sentence = `${station} is on the air`
  expect('the body ends with “air”, without a line end', reply.text.trimEnd() !== sentence || reply.text === sentence, {
    expected: sentence, actual: reply.text,
  })
  reply.hasText(sentence)
  for (const [name, value] of [['without STATION', undefined], ['with an empty STATION', '']] as const) {
    const nameless = await copy({ name, own: true, mayEnd: true, env: { STATION: value } })
    const end = await endOf(nameless, 3_000, context)
    expect(`a copy ${name} ends by itself`, end !== undefined, { expected: 'an exit code that is not 0', actual: 'it runs' })
    expect(`its exit code, ${name}, is not 0`, typeof end?.code === 'number' && end.code !== 0, { expected: 'not 0', actual: end?.code })
    const said = nameless.program.output().stderr
    expect(`it says on stderr, ${name}, that STATION is missing`, said.includes('STATION'), { expected: 'a sentence with STATION in it', actual: said.slice(0, 500) })
  }
})

check('binds-beyond-localhost', 'The program listens on every address, unless HOST names one', {
  withinMs: COPY_MS,
  hints: [
    'In a container, 127.0.0.1 is the container itself. A server that listens there alone is up, healthy, and out of everybody’s reach.',
    'See “What comes from outside”, the paragraph on HOST.',
    'Give listen() the address from HOST, and the default that means every address. HOST=127.0.0.1 must still mean that one alone.',
  ],
}, async (context) => {
  const { copy, random, expect, skip } = context
  if (process.platform === 'darwin') skip('On macOS 127.0.0.1 is the only address of the loopback network, so another one cannot be tried.')
  const wide = await copy({ name: 'wide', own: true, everyAddress: true, env: { STATION: random.word() } })
  expect(`without HOST, ${OTHER_LOOPBACK} reaches it as 127.0.0.1 does`, await reaches(OTHER_LOOPBACK, wide.program.port), {
    expected: 'a connection', actual: 'connection refused',
  })
  const narrow = await copy({ name: 'narrow', own: true, everyAddress: true, env: { STATION: random.word(), HOST: '127.0.0.1' } })
  expect(`with HOST=127.0.0.1, ${OTHER_LOOPBACK} does not reach it`, !(await reaches(OTHER_LOOPBACK, narrow.program.port)), {
    expected: 'connection refused', actual: 'a connection',
  })
})

check('live-versus-ready', 'GET /livez answers 200 from the first moment; GET /readyz answers 503 until WARMUP_MS have passed, then 200', {
  withinMs: 2 * COPY_MS,
  hints: [
    'Two questions that look alike. Alive: must I restart you? Ready: may I send you listeners? While it warms up, a server is alive and not ready.',
    'See “Alive is not ready”.',
    'WARMUP_MS counts from the start of the program. Which of your two answers should know of it, and which must not?',
  ],
}, async (context) => {
  const { client, eventually } = context
  // Without WARMUP_MS there is nothing to wait for.
  await eventually('a program without WARMUP_MS is ready', 2_000, async () => {
    const reply = await client.get('/readyz')
    reply.hasStatus(200)
  })
  // A machine so busy that all of it has passed before a copy listens is given one that takes longer than any start may.
  if (!(await warmsUp(context, 2_000))) await isNotReadyYet(context)
})

async function isNotReadyYet(context: CheckContext): Promise<void> {
  const cold = await ownCopy(context, 'warming up for a minute', { WARMUP_MS: '60000' })
  const live = await cold.client.get('/livez')
  live.hasStatus(200)
  const early = await cold.client.get('/readyz')
  early.hasStatus(503)
}

/** @returns false when the warm-up had passed before anything could be asked */
async function warmsUp(context: CheckContext, warmupMs: number): Promise<boolean> {
  const { expect, eventually } = context
  const startedAt = performance.now()
  const passedMs = (): number => performance.now() - startedAt
  const cold = await ownCopy(context, `warming up for ${String(warmupMs / 1_000)} s`, { WARMUP_MS: String(warmupMs) })
  const live = await cold.client.get('/livez')
  live.hasStatus(200)
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

check('stdout-log', 'Each request is told in one line on stdout, with its path', {
  hints: [
    'Whoever runs the container collects what it prints. A file inside dies with the container, and nobody looks there.',
    'See “Lines to stdout”.',
    'For each request, when it has been answered: one line, to stdout and not to stderr, with the path that was asked for. Also where the answer is 404.',
  ],
}, async ({ client, program, random, expect, eventually }) => {
  // `/slow` is told when its answer is out, and not when it begins. What is told of it a second time comes before the line of
  // the last path, which is asked for after that answer. The query may be left out of a line.
  const paths = [`/${random.word()}`, `/${random.word()}`, '/slow', `/${random.word()}`]
  for (const path of paths) await client.get(path === '/slow' ? '/slow?ms=100' : path)
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
})

check('drains', 'After SIGTERM, requests in flight are still answered, whole', {
  withinMs: COPY_MS,
  hints: [
    'SIGTERM comes with every release. Listeners whose answer is on its way should not notice.',
    'See “Four things to do on SIGTERM”.',
    'What does your handler do first? Stop taking connections, and let those that have an answer coming keep theirs until it is out. /slow must take its time.',
  ],
}, async (context) => {
  refuseWindows(context)
  const { expect } = context
  // Without GRACE_MS it waits for five seconds, which the longest answer must stay well below.
  const draining = await ownCopy(context, 'draining')
  const wanted = [{ leastMs: 1_000, mostMs: 2_200 }, { leastMs: 1_500, mostMs: 2_600 }, { leastMs: 3_000, mostMs: 3_000 }]
  const all = await allInFlight(draining, wanted, context)
  sendSigterm(context, draining)
  for (const slow of all) {
    const reply = await slow.answer
    reply.hasStatus(200)
    const tookMs = performance.now() - slow.askedAt
    // Node's own timers may be a millisecond early.
    expect('/slow took as long as it was asked to', tookMs >= slow.ms - 5, { expected: `${String(slow.ms)} ms`, actual: `${tookMs.toFixed(0)} ms` })
  }
  const end = await endOf(draining, 8_000, context)
  expect('the program ends after the last answer', end !== undefined, { expected: 'an end', actual: 'it runs' })
  expect('its exit code is 0', end?.code === 0, { expected: 0, actual: end?.code })
})

check('refuses-new', 'After SIGTERM, new requests are refused while old ones are still being answered', {
  withinMs: 2 * COPY_MS,
  hints: [
    'A server that goes on taking requests never gets done. The next listener must hear at once that this door is closed, and go to another.',
    'See “Four things to do on SIGTERM”, and what /readyz says from then on.',
    'Close the server for new connections at once, not after the last answer. On a connection that is still open, /readyz and the rest answer 503.',
  ],
}, async (context) => {
  refuseWindows(context)
  const { expect, note } = context
  // It may be the machine that hears SIGTERM late. What a program does late it does late each time.
  for (let attempt = 1; ; attempt += 1) {
    const { slow: [first, second], met, wasWarm } = await knockAfterSigterm(context, attempt)
    if (attempt < 3 && (wasWarm || met.some((answer) => !isRefusal(answer)))) {
      note('once more, in case it was the machine')
      continue
    }
    expect('a second after SIGTERM new connections are refused, or get 503, while an old request is in flight', met.every(isRefusal), {
      expected: 'refused, or 503', actual: met.find((answer) => !isRefusal(answer)),
    })
    await asksBehind(first, '/readyz', context)
    await asksBehind(second, '/', context)
    return
  }
})

/** From SIGTERM on, until new requests must be refused. */
const REFUSE_MS = 1_000

type Met = Awaited<ReturnType<typeof knock>> | 'not before the last answer was out'

function isRefusal(met: Met): boolean {
  return met === 'refused' || met === 503
}

interface AfterSigterm {
  /** Each has a new request behind it. */
  slow: readonly [InFlight, InFlight]
  met: readonly Met[]
  /** True when the machine was so busy that the warm-up was over before SIGTERM. */
  wasWarm: boolean
}

/** Knocks as soon as nobody may be let in any more: what counts is when a knock was sent, and not when it was heard. */
async function knockAfterSigterm(context: CheckContext, attempt: number): Promise<AfterSigterm> {
  // It is still warming up when SIGTERM comes, and done with that when the last requests come.
  const warmupMs = attempt * 2_500
  const startedAt = performance.now()
  const closing = await ownCopy(context, attempt === 1 ? 'closing' : `closing ${String(attempt)}`, { GRACE_MS: '20000', WARMUP_MS: String(warmupMs) })
  const warmAt = performance.now() + warmupMs
  const wanted = { leastMs: warmupMs + 1_500 }
  const slow = await allInFlight(closing, [wanted, wanted], context) as [InFlight, InFlight]
  let isAnswered = false
  for (const { answer } of slow) void answer.then(() => { isAnswered = true }, () => undefined)
  const wasWarm = performance.now() > startedAt + warmupMs
  sendSigterm(context, closing)
  await context.sleep(REFUSE_MS + 200)
  const met: Met[] = []
  // One may meet a connection just being closed; all of several meet a closed door.
  for (let count = 0; count < 5; count += 1) {
    const answer = await knock(closing.program.port)
    // Once all is answered the program may be gone, and then it is no wonder.
    met.push(isAnswered ? 'not before the last answer was out' : answer)
  }
  await context.sleep(Math.max(0, warmAt + 100 - performance.now()))
  // Sent behind the slow requests, on connections that are still open.
  await slow[0].connection.send('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n').catch(() => undefined)
  await slow[1].connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n').catch(() => undefined)
  return { slow, met, wasWarm }
}

/** What became of a request that was sent after SIGTERM, behind the slow one of its connection. */
async function asksBehind({ connection, answer }: InFlight, path: string, { note, fail }: CheckContext): Promise<void> {
  const first = await answer
  first.hasStatus(200)
  if (first.isLast) {
    note('the connection ends with that answer')
    return
  }
  // A connection that is closed has refused too.
  const second = await connection.reply({ withinMs: 3_000 }).catch(() => undefined)
  if (second === undefined || second.status === 503) return
  fail(`Expected that ${path} gets 503 after SIGTERM, or that nobody answers any more; it got ${String(second.status)}.`, { expected: 503, actual: second.status })
}

check('idle-connections', 'A connection without a request holds nothing up: after the last answer the program ends at once', {
  withinMs: 2 * COPY_MS,
  hints: [
    'Clients keep a connection open after an answer, for the next question. A balancer keeps its connections for as long as it lives.',
    'See “The connection that nobody closes”.',
    'Closing the server waits for every connection. Which of them are idle when SIGTERM comes, and which become idle later, after their answer? Somebody has to close both kinds.',
  ],
}, async (context) => {
  refuseWindows(context)
  const { expect, note } = context
  let misses = 0
  for (let attempt = 1; ; attempt += 1) {
    const { hasEnded, answeredMs } = await endsAfterAnswer(context, attempt)
    // A program that had no time to hear SIGTERM before its answer shows nothing of connections that become idle later.
    const isTold = answeredMs >= 150 && answeredMs <= 800
    if (hasEnded && (isTold || attempt === 4)) return
    if (isTold) misses += 1
    if (misses === 2 || attempt === 4) {
      expect(`the program ends within ${String(STOP_MS)} ms of the last answer`, hasEnded, { expected: 'an end', actual: 'it waits for open connections' })
    }
    note('once more, in case it was the machine')
  }
})

/** From SIGTERM to the last answer: so soon that one who looks for idle connections every few seconds comes seconds too late. */
const BEFORE_ANSWER_MS = 500

/** Whether the program ended in time after its last answer, and how long after SIGTERM that was out. */
async function endsAfterAnswer(context: CheckContext, attempt: number): Promise<{ hasEnded: boolean; answeredMs: number }> {
  const { note, sleep } = context
  const kept = await ownCopy(context, attempt === 1 ? 'kept' : `kept ${String(attempt)}`, { GRACE_MS: '15000' })
  const idle = await kept.client.connect()
  await idle.send('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const alive = await idle.reply()
  alive.hasStatus(200)
  const { answer, askedAt, ms } = await inFlight(kept, { leastMs: 1_000 }, context)
  await sleep(Math.max(0, askedAt + ms - BEFORE_ANSWER_MS - performance.now()))
  const sentAt = performance.now()
  sendSigterm(context, kept)
  const last = await answer
  last.hasStatus(200)
  const answeredMs = performance.now() - sentAt
  note('both connections stay open on the client’s side')
  // Half of what is left until somebody comes who looks every three seconds is slack.
  const slackMs = Math.max(100, (1_000 - answeredMs) / 2)
  const end = await endOf(kept, sentAt + answeredMs + STOP_MS + slackMs - performance.now(), context)
  return { hasEnded: end !== undefined, answeredMs }
}

check('deadline', 'The program waits for GRACE_MS: an answer that is out before is whole, and a client that is stuck does not hold it longer', {
  withinMs: 2 * COPY_MS,
  hints: [
    'Politeness needs an end. Whoever sent SIGTERM follows with SIGKILL, and that one asks nobody.',
    'See “Politeness has an end”.',
    'Start a clock when SIGTERM comes. What must happen when it has run for GRACE_MS, whoever is still connected? And what must not happen sooner?',
  ],
}, async (context) => {
  refuseWindows(context)
  const { expect } = context
  const patient = await ownCopy(context, 'patient', { GRACE_MS: '4000' })
  const nearly = await freshlyInFlight(patient, { leastMs: 3_400, mostMs: 3_400 }, context)
  sendSigterm(context, patient)
  const graceMs = 300
  const stuck = await ownCopy(context, 'stuck', { GRACE_MS: String(graceMs) })
  const half = await stuck.client.connect()
  await half.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nonly half of it')
  const slow = await inFlight(stuck, { leastMs: 20_000 }, context)
  sendSigterm(context, stuck)
  const end = await endOf(stuck, graceMs + STOP_MS + SLACK_MS, context)
  slow.answer.catch(() => undefined)
  expect(`the program ends within GRACE_MS (${String(graceMs)} ms) and a little`, end !== undefined, { expected: 'an end', actual: 'it waits for the client' })
  const answer = await nearly.answer
  answer.hasStatus(200)
})

/** One that was asked a moment ago, so that SIGTERM comes while most of its time is still to pass. */
async function freshlyInFlight(copy: Copy, wanted: Wanted, context: CheckContext): Promise<InFlight> {
  for (let attempt = 1; ; attempt += 1) {
    const slow = await inFlight(copy, wanted, context)
    if (performance.now() - slow.askedAt < 1_000 || attempt === 3) return slow
  }
}

check('exit-code', 'SIGTERM with nothing to do ends the program with exit code 0', {
  withinMs: COPY_MS,
  hints: [
    'The exit code is the last thing that a program says. 0 means that it ended as it was asked; anything else rings somebody’s bell.',
    'See “Four things to do on SIGTERM”, the last of them.',
    'Without a handler the signal itself ends the program, and that is no exit code. With one, the program has to end by itself, with 0.',
  ],
}, async (context) => {
  refuseWindows(context)
  const { expect } = context
  const quiet = await ownCopy(context, 'quiet')
  const reply = await quiet.client.get('/')
  reply.hasStatus(200)
  sendSigterm(context, quiet)
  const end = await endOf(quiet, STOP_MS + SLACK_MS, context)
  expect(`the program ends within ${String(STOP_MS)} ms`, end !== undefined, { expected: 'an end', actual: 'it runs' })
  expect('its exit code is 0', end?.code === 0, { expected: 0, actual: end?.code ?? 'ended by the signal' })
})

check('builds', 'The image is built from your Dockerfile', {
  withinMs: IMAGE_MS,
  hints: [
    'A builder does what the Dockerfile says, line by line, with the files that .dockerignore lets through, and stops at the first line that it cannot do.',
    'See “The recipe of an image”, and the list of lines that the builder knows.',
    'The message names the line. Is what it asks for in the folder, let through, and already in the image at that line?',
  ],
}, async ({ build, note, fail }) => {
  const { problem, ran } = await build()
  if (problem !== undefined) fail(problem)
  note(ran.length === 0 ? 'every line was in the cache' : `lines that were run: ${ran.join(' · ')}`)
})

check('clean-room', 'The image starts and answers where nothing is but its own files', {
  withinMs: IMAGE_MS,
  hints: [
    'Your own folder forgives: packages from the folder above, files that only you have. An image holds what was put into it, and nothing else.',
    'See “Works on my machine”.',
    'What the message names was not in the image. Is it declared in package.json, copied by a line of the Dockerfile, or kept out by .dockerignore?',
  ],
}, async ({ image, expect }) => {
  const built = await image()
  const running = await built.run({ name: 'image', judgesStart: true })
  const live = await running.client.get('/livez')
  live.hasStatus(200)
  const home = await running.client.get('/')
  home.hasStatus(200)
  const tide = await running.client.get('/tide')
  const told = tide.hasStatus(200).json<{ time?: string } | null>()
  expect('/tide tells when high water is', typeof told?.time === 'string', { expected: { time: '05:40' }, actual: told })
})

check('lock-honoured', 'Each package in the image has the version that the lock names', {
  withinMs: IMAGE_MS,
  hints: [
    'package.json says what will do; the lock says what was tried. An image made next month should hold what was tried.',
    'See “The lock is the list”.',
    'Is the lock in the image before the line that runs npm? And which of npm’s commands refuses to differ from it?',
  ],
}, async ({ image, expect }) => {
  const built = await image()
  const lock = JSON.parse(built.source('package-lock.json') ?? '{}') as { packages?: Record<string, { version?: string }> }
  const installed = built.paths.flatMap((path) => {
    const place = /(?:^|\/)(node_modules\/.+)\/package\.json$/.exec(path)?.[1]
    const wanted = place === undefined ? undefined : lock.packages?.[place]?.version
    return place === undefined || wanted === undefined ? [] : [{ place, wanted, version: built.versionAt(path) }]
  })
  expect('the image has tide-tables', installed.some(({ place }) => place === 'node_modules/tide-tables'), { actual: installed.map(({ place }) => place).slice(0, 5) })
  const other = installed.filter(({ wanted, version }) => wanted !== version)
  expect('each has the version of the lock', other.length === 0, {
    expected: other.map(({ place, wanted }) => `${place} ${wanted}`), actual: other.map(({ place, version }) => `${place} ${version ?? 'without a version'}`),
  })
})

check('no-dev-dependencies', 'No layer of the image holds a package that is for development alone', {
  withinMs: IMAGE_MS,
  hints: [
    'What tries and tidies the program is not needed to run it. It makes the image larger, and each package is one more that can be attacked.',
    'See “The lock is the list”, the part on what is only for development.',
    'npm can be told to leave those out. Where do you tell it: in the line that runs it, or in the environment of the build? What a later line removes stays in its layer.',
  ],
}, async ({ image, expect, note }) => {
  const built = await image()
  note(`for development alone, by the lock: ${built.devPackages.join(', ') || 'nothing'}`)
  // Its files name it. What a later line removes lies in its layer all the same.
  const shipped = built.devPackages.flatMap((place) => [
    ...new Set(built.findingsOf(place.replace(/^.*node_modules\//, '')).filter(({ where }) => where.includes(`${place}/`)).map(({ line }) => `${place}, by ${line}`)),
  ])
  expect('none of them is in any layer', shipped.length === 0, { expected: [], actual: shipped })
})

check('layer-order', 'When a line of the program changes, npm does not run again; when the packages change, it does', {
  withinMs: IMAGE_MS,
  hints: [
    'Each line is kept, and made again only when it, or what stands above it, has changed. What changes often belongs below what changes seldom.',
    'See “Why the order of the lines matters”.',
    'Which files does npm need to know which packages to bring? Copy those first, run npm, and copy the rest after it.',
  ],
}, async ({ image, expect }) => {
  const built = await image()
  const server = built.source('server.ts') ?? ''
  const edited = built.npmRunsAgain({ 'server.ts': `${server}\n// One more line.\n` })
  expect('a line of the Dockerfile runs npm', edited.length > 0, { expected: 'npm ci', actual: 'no line' })
  const wasted = edited.filter(({ runsAgain }) => runsAgain).map(({ text }) => text)
  expect('npm does not run again when server.ts has one more line', wasted.length === 0, { expected: [], actual: wasted })
  const lock = built.source('package-lock.json') ?? ''
  const manifest = built.source('package.json') ?? ''
  const added = built.npmRunsAgain({
    'package.json': manifest.replace('"dependencies": {', '"dependencies": {\n    "another": "^1.0.0",'),
    'package-lock.json': `${lock}\n`,
  })
  expect('npm runs again when a package is added', added.some(({ runsAgain }) => runsAgain), { expected: 'npm runs', actual: 'npm’s layer is taken from the cache' })
})

check('no-secrets', 'No layer and no setting of the image holds a secret, or what lies around in the folder', {
  withinMs: IMAGE_MS,
  hints: [
    'Layers lie on one another. A file that a later line deletes is hidden and not gone: whoever has the image has all its layers, and all its settings.',
    'See “Nothing is ever gone from a layer”.',
    'The message names file and line. Keep it from the build with .dockerignore; a secret comes from outside when the program starts, and never through ENV or ARG.',
  ],
}, async ({ image, expect }) => {
  const built = await image()
  const found = [canaries.env, canaries.git, canaries.log].flatMap((canary) => built.findingsOf(canary))
  expect('nothing of .env, .git or debug.log is in any layer', found.length === 0, {
    expected: 'nothing', actual: found.map(({ line, where }) => `${where}, by ${line}`),
  })
  const telling = /SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY|STREAM_?KEY/i
  const set = built.variables.filter(({ name, value }) => telling.test(name) && value !== '')
  expect('no ENV and no ARG sets a secret', set.length === 0, { expected: 'none', actual: set.map(({ name, line }) => `${name}, by ${line}`) })
})

check('no-host-modules', 'The image’s packages come from npm, and not from the node_modules of your folder', {
  withinMs: IMAGE_MS,
  hints: [
    'The node_modules beside your program were made for your machine, with what you tried yesterday. An image brings its own.',
    'See “What is let into the build”.',
    'COPY takes what .dockerignore lets through. Is node_modules in it?',
  ],
}, async ({ image, expect }) => {
  const built = await image()
  const found = built.findingsOf(canaries.modules)
  expect('nothing of the folder’s own node_modules is in a layer', found.length === 0, {
    expected: 'nothing', actual: found.map(({ line, where }) => `${where}, by ${line}`),
  })
})

check('non-root', 'The image’s program runs as an ordinary user, who may read its files', {
  withinMs: IMAGE_MS,
  hints: [
    'Root in a container is root, with walls that have had holes before. A server needs nothing that only root may do.',
    'See “An ordinary user”.',
    'The base image already has a user for it. One line of the Dockerfile names it, after the lines that need root. What does it have to read, and whose are those files?',
  ],
}, async ({ image, expect }) => {
  const built = await image()
  expect('USER names an ordinary user', built.uid !== 0, { expected: 'node', actual: built.user === '' ? 'no USER, which is root' : built.user })
  expect('that user may read every file below WORKDIR', built.unreadable.length === 0, { expected: [], actual: built.unreadable.slice(0, 5) })
})

check('read-only', 'The program writes nothing into the image, and runs where nothing but /tmp can be written', {
  withinMs: IMAGE_MS,
  hints: [
    'What a container writes into itself is lost with it, and no two copies have the same. Lines go to stdout, data to a place given from outside.',
    'See “Read-only” in the chapter.',
    'The message names what was written, or what the program said when it could not. Does it need that file at all?',
  ],
}, async (context) => {
  const { image, expect } = context
  const built = await image()
  // One that also starts where all can be written: what keeps it from that is told by `clean-room`.
  const open = await built.run({ name: 'image' })
  const locked = await built.run({ name: 'read-only', own: true, readOnly: true, judgesStart: true })
  for (const path of ['/', '/livez', '/tide', '/slow?ms=1']) {
    const free = await open.client.get(path)
    const reply = await locked.client.get(path)
    reply.hasStatus(free.status)
  }
  const written = built.written(locked)
  expect('nothing in the image has changed', written.length === 0, { expected: [], actual: written })
})

check('process-one', 'SIGTERM reaches the server in the image, and it ends with exit code 0', {
  withinMs: IMAGE_MS,
  hints: [
    'The signal goes to process 1, and to nobody else. When that is a shell, the server behind it hears nothing.',
    'See “Process 1”.',
    'Look at CMD. In which form does it start Node itself, and in which a shell that starts Node and waits?',
  ],
}, async (context) => {
  refuseWindows(context)
  const { image, expect } = context
  const built = await image()
  await built.run({ name: 'image' })
  const stopped = await built.run({ name: 'process 1', own: true })
  await stopped.client.get('/')
  sendSigterm(context, stopped)
  const end = await endOf(stopped, STOP_MS + SLACK_MS, context)
  expect('the container ends', end !== undefined, { expected: 'an end', actual: 'it runs' })
  expect('its exit code is 0', end?.code === 0, { expected: 0, actual: end?.code ?? 'ended by the signal' })
})

check('whole-root', 'The program needs no tool and no file of the machine that it runs on', {
  withinMs: IMAGE_MS,
  hints: [
    'The image is the whole file system. A command that every machine has is not there unless somebody put it in.',
    'See “Works on my machine”, the part on tools.',
    'Look for what your program starts or reads outside its own folder, and do it in Node instead.',
  ],
}, async ({ image, skip }) => {
  const built = await image()
  if (!built.isWholeRoot) skip('Only a tier in which the image is the whole root can show that: bwrap or unshare, on Linux. See the chapter.')
  const running = await built.run({ name: 'image' })
  for (const path of ['/', '/livez', '/tide', '/slow?ms=1']) {
    const reply = await running.client.get(path)
    reply.hasStatus(200)
  }
})

check('runs-in-an-engine', 'podman or Docker runs the image', {
  withinMs: IMAGE_MS,
  hints: [
    'An image is a format, and any engine takes it: what was built here runs there.',
    'See “The same image, elsewhere”.',
    'Read what the engine printed. What is different from the room in which the other checks ran it?',
  ],
}, async ({ image, skip }) => {
  const built = await image()
  const engine = await built.engine()
  if (engine === undefined) return skip('Neither podman nor Docker works on this machine (`podman info`, `docker info`).')
  await built.run({ name: 'image' })
  const contained = await built.run({ name: engine, own: true, inEngine: true, judgesStart: true })
  const reply = await contained.client.get('/')
  reply.hasStatus(200)
})
