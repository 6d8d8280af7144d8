import { check } from '../harness/lab.ts'
import type { EventStream } from '../harness/types/index.ts'
import { arrivals, bearer, call, enter, isText, join, newRoom, next, openInbox, signal, signals } from './members.ts'
import type { Arrived, Member, Tools } from './members.ts'

const KEPT_EVENTS = 100

/** What comes while nobody reads waits. */
export function inboxes(): void {
  check('queued-before-inbox', 'What comes before an inbox is opened waits for it, in order', {
    hints: [
      'Between joining and opening the inbox there is a moment, and a quick partner calls in that very moment.',
      'See “The inbox”: it keeps a queue.',
      'Keep events for a peer that has no open inbox, up to 100, and write them first when it opens one.',
    ],
    withinMs: 8_000,
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await join(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    const cleo = await join(tools, room, call(tools, 'cleo'))
    const bye = await client.delete(cleo.path, bearer(cleo.token))
    bye.hasStatus(204)
    const sent = Array.from({ length: 20 }, () => random.word())
    for (const data of sent) await signal(client, ben, ada, data)
    const inbox = await openInbox(client, ada)
    const { event, data: first } = await next(tools, inbox)
    expect(`first it tells that ${ben.is} joined`, event.event === 'joined' && first.id === ben.id, {
      expected: `joined ${ben.id}`, actual: `${event.event} ${event.data}`,
    })
    const more = [await next(tools, inbox), await next(tools, inbox)].map(({ event, data }) => `${event.event} ${String(data.id)}`)
    const expected = [`joined ${cleo.id}`, `left ${cleo.id}`]
    expect(`then that ${cleo.is} joined and left`, more.join() === expected.join(), { expected, actual: more })
    const late = random.word()
    await signal(client, ben, ada, late)
    const came = await signals(tools, inbox, sent.length + 1)
    expect('then the 20 signals that waited, then the new one', String(came) === String([...sent, late]), { expected: [...sent, late], actual: came })
  })

  check('keeps-100', 'Up to 100 events wait for an inbox, `joined` among them, and are kept when they were written', {
    hints: [
      'A room may be lively and a line slow. How much waits is part of the promise, so that a sender knows what it can rely on.',
      'See “The inbox”, “When the line breaks” and the contract: up to 100 are kept for each peer, written or not.',
      'How many events does your queue hold before it drops one? Does it drop from the right end? Has each event an id, also `joined`?',
    ],
    withinMs: 8_000,
  }, async ({ client, expect, note, random, sleep }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await join(tools, room, call(tools, 'ada'))
    const ben = await join(tools, room, call(tools, 'ben'))
    // One place of the hundred is taken by `joined`. Within a round the order is open.
    const sent = Array.from({ length: KEPT_EVENTS - 1 }, (_, index) => index + 1)
    const send = async (from: Member, to: Member): Promise<void> => {
      for (let at = 0; at < sent.length; at += 33) await Promise.all(sent.slice(at, at + 33).map((data) => signal(client, from, to, data)))
    }
    await send(ben, ada)
    const inbox = await openInbox(client, ada)
    // One event more before the first is written would be the 101st that waits, and the first might go for it.
    const first = await next(tools, inbox)
    await signal(client, ben, ada, 'the last')
    const came = [first, ...await until('the last', tools, inbox)]
    const missing = sent.filter((data) => !came.some((event) => event.data.data === data))
    expect(`all ${sent.length} signals come that waited beside one \`joined\``, missing.length === 0, {
      expected: `${sent.length} signals`, actual: `${missing.length} are missing: ${missing.join(', ')}`,
    })
    expect('and the `joined` comes before them', first.event.event === 'joined', { expected: 'joined', actual: first.event.event })
    const ids = came.map(({ event }) => event.id)
    expect('each event has an id of its own', ids.every(isText) && new Set(ids).size === ids.length, { expected: 'as many ids as events', actual: ids })

    const open = await openInbox(client, ben)
    await send(ada, ben)
    await signal(client, ada, ben, 'the last')
    const read = await until('the last', tools, open)
    open.close()
    // Whoever takes a closed inbox for the end of its peer has noticed by then.
    await sleep(200)
    note('the reader comes back, and has seen only the first of the 100')
    const again = await openInbox(client, ben, read[0]?.event.id)
    const replayed = await until('the last', tools, again)
    const [wanted, got] = [read.slice(1), replayed].map((events) => events.map(({ data }) => data.data))
    expect('all 99 after it come again, in the same order', String(got) === String(wanted), { expected: wanted, actual: got })
  })

  check('inbox-reconnects-without-loss', 'An inbox that comes back with Last-Event-ID goes on where its reader stopped', {
    hints: [
      'The server has written an event; that does not mean that it arrived. Only the reader knows what it has seen, and says so.',
      'See “When the line breaks”.',
      'Number the events of a peer, keep the last ones even when written, and begin with the first after Last-Event-ID. Nobody has left within LEAVE_MS.',
    ],
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const ben = await enter(tools, room, call(tools, 'ben'))
    for (const data of ['1', '2', '3']) await signal(client, ada, ben, data)
    const events = await arrivals(tools, ben.inbox, 3)
    const ids = events.map(({ event }) => event.id)
    expect('each event has an id of its own', ids.every(isText) && new Set(ids).size === 3, { expected: 'three ids', actual: ids })
    ben.inbox.close()
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
  })
}

/** Reads events until the signal with this data has come, and returns them all. */
async function until(last: string, tools: Pick<Tools, 'expect'>, inbox: EventStream): Promise<Arrived[]> {
  const all: Arrived[] = []
  while (all.at(-1)?.data.data !== last) all.push(await next(tools, inbox))
  return all
}
