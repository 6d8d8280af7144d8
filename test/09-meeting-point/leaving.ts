import { check } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import type { EventStream, ServerSentEvent } from '../harness/types/index.ts'
import { bearer, call, enter, join, knockAt, newRoom, next, openInbox, parse, post, refused, signal, signals } from './members.ts'
import type { Joined, Member, Present, Tools } from './members.ts'

const LEAVE_MS = 450

const DEFAULT_LEAVE_MS = 2_000

/** Whoever has not left by then does not obey LEAVE_MS: neither the default nor four times as long fits in. */
const LEFT_WITHIN_MS = 1_500

/** A machine on which a timer is later than this cannot tell whether the program is late. */
const BUSY_MS = 100

/** Who leaves, who is lost, and who comes back in time. */
export function leaving(): void {
  check('leaves', 'DELETE …/peers/:id answers 204; the others hear `left`; its name is free and its token dead', {
    hints: [
      'Leaving undoes everything that joining did: the place in the room, the name, the token. And the others hear of it.',
      'See “Leaving, and being gone”.',
      'After leaving: `left` with the id to all others; signals to that id get 404; its token gets 401; its name can be taken.',
    ],
  }, async ({ client, expect, fail, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    const cleo = await enter(tools, room, call(tools, 'cleo'))
    const reply = await client.delete(ben.path, bearer(ben.token))
    reply.hasStatus(204).hasEmptyBody()
    const to = await post(client, ada, ben, 'too late')
    to.hasStatus(404).hasJsonError()
    for (const { is, inbox } of [ada, cleo]) {
      const { data } = await next(tools, inbox, 'left')
      expect(`${is} hears that ${ben.is} has left`, data.id === ben.id, { expected: { id: ben.id }, actual: data })
    }
    const from = await post(client, ben, ada, 'too late')
    from.hasStatus(401).hasJsonError()
    await refused('the inbox of one who has left', () => knockAt({ client, fail }, `${ben.path}/inbox?token=${encodeURIComponent(ben.token)}`), [401, 403, 404])
    await refused('leaving a second time', () => client.delete(ben.path, bearer(ben.token)), [401, 403, 404])
    const again = await join(tools, room, ben.name)
    expect('ben is a new peer now', again.id !== ben.id && again.peers.every(({ id }) => id !== ben.id), { actual: again })
    expect('with a token of its own', again.token !== ben.token, { expected: 'another token', actual: again.token })
  })

  check('dead-peer-leaves', 'A peer whose inbox has been closed for LEAVE_MS has left', {
    hints: [
      'Whoever crashes says no goodbye. All that the meeting point sees is that a connection ends, and then that none comes back.',
      'See “Leaving, and being gone”. Is the time the one in the environment\'s LEAVE_MS? This check sets another than the default.',
      'When the inbox closes, start a timer of LEAVE_MS (from the environment). When it ends, do what DELETE does.',
    ],
    withinMs: 9_000,
  }, async ({ copy, expect, note, random, sleep }) => {
    const { client } = await copy({ name: 'impatient', env: { LEAVE_MS: String(LEAVE_MS) } })
    const tools = { client, expect, note, random }
    const { ada, ben, room, afterMs } = await untilLeft(tools, sleep)
    expect(`LEAVE_MS is ${LEAVE_MS}, so ada hears within ${LEFT_WITHIN_MS} ms of the end of ben's inbox that ${ben.is} has left`, afterMs !== undefined, {
      expected: `left ${JSON.stringify({ id: ben.id })}`,
      actual: ada.inbox.pending().map(({ event, data }) => `${event} ${data}`).join(', ') || 'nothing',
    })
    // A timer may end a little early; it must not have been left out.
    expect(`not before LEAVE_MS (${LEAVE_MS}) have passed`, Number(afterMs) >= LEAVE_MS - 20, { expected: `${LEAVE_MS} ms`, actual: `${afterMs} ms` })
    const to = await post(client, ada, ben, 'too late')
    to.hasStatus(404).hasJsonError()
    const from = await post(client, ben, ada, 'too late')
    from.hasStatus(401).hasJsonError()
    await join(tools, room, ben.name)
  })

  check('back-in-time', 'A peer whose inbox comes back within LEAVE_MS stays', {
    hints: [
      'A short gap in the line is not an end. Whoever is back in time has never been away, neither now nor when the timer would have ended.',
      'See “Leaving, and being gone”.',
      'Stop the timer when the inbox opens again, so that it does not end later for a peer that is there. Tell nobody, and start it anew when the inbox closes once more.',
    ],
    withinMs: 9_000,
  }, async ({ copy, expect, note, random, sleep }) => {
    const { client } = await copy({ name: 'impatient', env: { LEAVE_MS: String(LEAVE_MS) } })
    const tools = { client, expect, note, random }
    // The program has to see the end before it sees the new beginning.
    const { ada, ben, inbox } = await awayAndBack(tools, sleep, { awayMs: 50, leaveMs: LEAVE_MS })
    await sleep(LEAVE_MS + 100)
    await wasNeverAway(tools, { ada, ben, inbox })
    inbox.close()
    note('the inbox is closed again, and stays so')
    const { data: gone } = await next(tools, ada.inbox, 'left', 4_000)
    expect(`now ada hears that ${ben.is} has left`, gone.id === ben.id, { expected: { id: ben.id }, actual: gone })
  })

  check('leave-ms-default', 'Where the environment has no LEAVE_MS, a peer whose inbox comes back after half a second stays, too', {
    hints: [
      'Whoever starts the meeting point may know nothing of LEAVE_MS. A number made of nothing is none, and a timer of no time ends at once.',
      'See “Leaving, and being gone”, and what the contract says the default is.',
      'Take 2,000 where `process.env.LEAVE_MS` is undefined. It is in milliseconds.',
    ],
    withinMs: 9_000,
  }, async ({ copy, expect, note, random, sleep }) => {
    const { client } = await copy({ name: 'plain', env: { LEAVE_MS: undefined } })
    const tools = { client, expect, note, random }
    await wasNeverAway(tools, await awayAndBack(tools, sleep, { awayMs: 500, leaveMs: DEFAULT_LEAVE_MS }))
  })

  check('old-inbox-ends-late', 'An old inbox that ends after the new one has opened takes nobody away', {
    hints: [
      'A line that is dead for its reader may look alive to the server for a while. Its end comes late, when the new line has long been open.',
      'See “Leaving, and being gone”: the last paragraph, on what needs care.',
      'When a connection ends, ask whether it is the one that counts now, of a peer that is still there. The end of any other one says nothing.',
    ],
    withinMs: 9_000,
  }, async ({ copy, expect, note, random, sleep }) => {
    const { client } = await copy({ name: 'impatient', env: { LEAVE_MS: String(LEAVE_MS) } })
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    const inbox = await openInbox(client, ben)
    ben.inbox.close()
    note('the second inbox is open, the first one is closed')
    await sleep(LEAVE_MS + 100)
    await signal(client, ada, ben, 'to the new one')
    const [data] = await signals(tools, inbox, 1)
    expect('the signal comes through the new inbox', data === 'to the new one', { expected: 'to the new one', actual: data })
    await signal(client, ben, ada, 'still here')
    await next(tools, ada.inbox, 'signal')
    const left = ada.inbox.pending().filter(({ event }) => event === 'left')
    expect(`nobody was told that ${ben.is} has left`, left.length === 0, { actual: left })

    const reply = await client.delete(ben.path, bearer(ben.token))
    reply.hasStatus(204)
    const again = await enter(tools, room, ben.name)
    inbox.close()
    note('ben has left and come in anew; the inbox from before is closed')
    await sleep(LEAVE_MS + 100)
    await signal(client, again, ada, 'here again')
    await next(tools, ada.inbox, 'signal')
    const told = ada.inbox.pending().filter(({ event }) => event === 'left').map(idIn)
    expect(`one \`left\` has come, that of ${ben.is}`, told.length === 1 && told[0] === ben.id, { expected: [ben.id], actual: told })
    again.inbox.close()
    note('the new inbox is closed')
    await next(tools, ada.inbox, 'left')
    const { data: gone } = await next(tools, ada.inbox, 'left', 4_000)
    expect(`then ada hears that ${again.is} has left`, gone.id === again.id, { expected: { id: again.id }, actual: gone })
  })
}

/** JSON has several ways to write a text, so the data is read before it is compared. */
function idIn({ data }: ServerSentEvent): unknown {
  return (parse(data) as Partial<Joined> | null | undefined)?.id
}

interface Parted {
  room: string
  ada: Present
  ben: Member
  /** From the end of ben's inbox to ada's hearing of it; undefined when she has not heard in time. */
  afterMs: number | undefined
}

/** Ben's inbox closes while ada listens. Where she hears nothing and this process was held up too, the machine may be to blame: then once more. */
async function untilLeft(tools: Tools, sleep: CheckContext['sleep'], attempts = 4): Promise<Parted> {
  const room = newRoom()
  const ben = await enter(tools, room, call(tools, 'ben'))
  const ada = await enter(tools, room, call(tools, 'ada'))
  const isLeft = (event: ServerSentEvent): boolean => event.event === 'left' && idIn(event) === ben.id
  // An inbox may have been open for long: what counts is how long it has been closed.
  await sleep(150)
  const closedAt = performance.now()
  ben.inbox.close()
  tools.note('ben\'s inbox is closed')
  let [nowMs, longestGapMs] = [0, 0]
  while (!ada.inbox.pending().some(isLeft)) {
    if (nowMs > LEFT_WITHIN_MS) {
      const isBusy = longestGapMs > BUSY_MS
      return isBusy && attempts > 1 ? untilLeft(tools, sleep, attempts - 1) : { room, ada, ben, afterMs: undefined }
    }
    await sleep(20)
    const beforeMs = nowMs
    nowMs = performance.now() - closedAt
    longestGapMs = Math.max(longestGapMs, nowMs - beforeMs)
  }
  return { room, ada, ben, afterMs: Math.round(performance.now() - closedAt) }
}

interface CameBack {
  ada: Present
  ben: Member
  /** Ben's, the second one. */
  inbox: EventStream
}

interface Absence {
  awayMs: number
  /** What the program takes for LEAVE_MS. */
  leaveMs: number
}

/** Ben's inbox closes and opens again while Ada listens. On a busy machine it may be too late to tell anything: then once more. */
async function awayAndBack(tools: Tools, sleep: CheckContext['sleep'], absence: Absence, attempts = 4): Promise<CameBack> {
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  const ben = await enter(tools, room, call(tools, 'ben'))
  const closedAt = performance.now()
  ben.inbox.close()
  await sleep(absence.awayMs)
  const inbox = await openInbox(tools.client, ben).catch((error: unknown) => error as Error)
  const isInTime = performance.now() - closedAt < absence.leaveMs - 100
  if (!isInTime && attempts > 1) return awayAndBack(tools, sleep, absence, attempts - 1)
  if (inbox instanceof Error) throw inbox
  return { ada, ben, inbox }
}

/** A signal comes through Ben's new inbox, and Ada has heard nothing but that he has joined. */
async function wasNeverAway(tools: Tools, { ada, ben, inbox }: CameBack): Promise<void> {
  const { client, expect } = tools
  await signal(client, ada, ben, 'after')
  const [data] = await signals(tools, inbox, 1)
  expect('the signal comes through the new inbox', data === 'after', { expected: 'after', actual: data })
  const heard = ada.inbox.pending().filter(({ comment }) => comment === undefined).map(({ event }) => event)
  expect('nobody was told of it: `joined` came once, and no `left`', heard.join() === 'joined', { expected: ['joined'], actual: heard })
}
