import { isDeepStrictEqual } from 'node:util'
import { check } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import type { EventStream } from '../harness/types/index.ts'
import { arrivals, bearer, call, enter, isText, join, newRoom, next, openInbox, signal, signals, until } from './members.ts'
import type { Arrived, Member, Tools } from './members.ts'

/** Most programs see the end of a connection by then. */
const NOTICED_SOON_MS = 200

/** Every right one does: the others hear of a lost peer within a second of LEAVE_MS. */
const NOTICED_MS = 1_500

/** What an inbox brings that comes back. */
export function brokenLines(): void {
  check('queued-while-away', 'What comes while an inbox is closed waits until it comes back: signals, `joined` and `left`', {
    hints: [
      'A tunnel is not an end. Whoever comes out of it needs what was said meanwhile: an offer, and who came and went.',
      'See “When the line breaks”, and the contract on events that come while an inbox is closed.',
      'What becomes of an event for a peer that has no open inbox? Between two inboxes it is the same as before the first: keep it, of whatever kind. Not every reader sends Last-Event-ID.',
    ],
    withinMs: 9_000,
  }, async ({ client, expect, note, random, sleep }) => {
    const tools = { client, expect, note, random }
    const soon = await away(tools, sleep, NOTICED_SOON_MS)
    const isWhole = isDeepStrictEqual(soon.came, soon.wanted)
    // What was written before the end was noticed may be lost.
    if (!isWhole) note('not all has come: once more, with more time to notice the end of the inbox')
    const { came, wanted } = isWhole ? soon : await away(tools, sleep, NOTICED_MS)
    expect('all that came while ben\'s inbox was closed comes when it is back, in order', isDeepStrictEqual(came, wanted), { expected: wanted, actual: came })
  })

  check('inbox-reconnects-without-loss', 'An inbox that comes back with Last-Event-ID goes on where its reader stopped', {
    hints: [
      'The server has written an event; that does not mean that it arrived. Only the reader knows what it has seen, and says so.',
      'See “When the line breaks”.',
      'Number the events of a peer, keep the last ones even when written, and begin with the first after Last-Event-ID. Nobody has left within LEAVE_MS.',
    ],
    withinMs: 9_000,
  }, async ({ client, expect, note, random, sleep }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    for (const data of ['1', '2', '3']) await signal(client, ada, ben, data)
    const events = await arrivals(tools, ben.inbox, 3)
    const ids = events.map(({ event }) => event.id)
    expect('each event has an id of its own', ids.every(isText) && new Set(ids).size === 3, { expected: 'three ids', actual: ids })
    ben.inbox.close()
    await sleep(NOTICED_SOON_MS)
    for (const data of ['4', '5']) await signal(client, ada, ben, data)
    const inbox = await openInbox(client, ben, ids[1])
    await signal(client, ada, ben, '6')
    const back = await arrivals(tools, inbox, 4)
    const came = back.map(({ data }) => data.data)
    expect('after event 2 come 3, 4, 5 and 6, each once', came.join() === '3,4,5,6', { expected: ['3', '4', '5', '6'], actual: came })
    const late = back.slice(1).map(({ event }) => event.id)
    expect('no id is used for two events', new Set([...ids, ...late]).size === 6, { expected: 'six ids', actual: [...ids, ...late] })
    note('ben comes back once more; the meeting point may not have seen the end of the inbox before')
    const second = await openInbox(client, ben, back[1]?.event.id)
    await signal(client, ada, ben, '7')
    const rest = await signals(tools, second, 3)
    expect('after event 4 come 5, 6 and 7', rest.join() === '5,6,7', { expected: ['5', '6', '7'], actual: rest })
    await signal(client, ben, ada, 'still here')
    await next(tools, ada.inbox, 'signal')
    const left = ada.inbox.pending().filter(({ event }) => event === 'left')
    expect('nobody was told that ben has left', left.length === 0, { actual: left })

    await replaysAllKinds(tools)
  })
}

/** Somebody joins, posts, leaves, and another posts while Ben's inbox is closed; he comes back without Last-Event-ID. */
async function away(tools: Tools, sleep: CheckContext['sleep'], awayMs: number): Promise<{ came: string[]; wanted: string[] }> {
  const { client, note } = tools
  const room = newRoom()
  const ada = await enter(tools, room, call(tools, 'ada'))
  const ben = await enter(tools, room, call(tools, 'ben'))
  ben.inbox.close()
  note('ben\'s inbox is closed')
  await sleep(awayMs)
  const wanted = [...await visit(tools, room, ben), 'signal from ada', 'signal back again']
  await signal(client, ada, ben, 'from ada')
  const inbox = await openInbox(client, ben)
  await signal(client, ada, ben, 'back again')
  const came = (await until('back again', tools, inbox)).map(tell)
  // What was kept from before may come as well.
  return { came: came.slice(-wanted.length), wanted }
}

/** Twelve events have been read; the reader comes back after the ninth, and then after the last. */
async function replaysAllKinds(tools: Tools): Promise<void> {
  const { client, expect } = tools
  const room = newRoom()
  const cleo = await enter(tools, room, call(tools, 'cleo'))
  for (let guests = 0; guests < 4; guests++) await visit(tools, room, cleo)
  const read = await take(tools, cleo.inbox, 12)
  expect('each of 12 events of all kinds has an id', read.every(({ event }) => isText(event.id)), { expected: '12 ids', actual: read.map(({ event }) => event.id) })
  cleo.inbox.close()
  const again = await openInbox(client, cleo, read[8]?.event.id)
  const [wanted, came] = [read.slice(9), await take(tools, again, 3)].map((events) => events.map(tell))
  expect('after event 9 of 12 come the last three', isDeepStrictEqual(came, wanted), { expected: wanted, actual: came })
  again.close()
  const last = await openInbox(client, cleo, read[11]?.event.id)
  const [news] = await visit(tools, room, cleo)
  const first = tell(await next(tools, last))
  expect('after the last of them comes what is new', first === news, { expected: news, actual: first })
}

/** A guest joins, posts to the host and leaves. Returns what the host's inbox must bring. */
async function visit(tools: Tools, room: string, host: Member): Promise<string[]> {
  const guest = await join(tools, room, call(tools, 'guest'))
  const word = tools.random.word()
  await signal(tools.client, guest, host, word)
  const bye = await tools.client.delete(guest.path, bearer(guest.token))
  bye.hasStatus(204)
  return [`joined ${guest.id}`, `signal ${word}`, `left ${guest.id}`]
}

async function take(tools: Pick<Tools, 'expect'>, inbox: EventStream, count: number): Promise<Arrived[]> {
  const all: Arrived[] = []
  while (all.length < count) all.push(await next(tools, inbox))
  return all
}

function tell({ event, data }: Arrived): string {
  return `${event.event} ${String(event.event === 'signal' ? data.data : data.id)}`
}
