import { check } from '../harness/lab.ts'
import { bearer, call, enter, isText, join, newRoom, next, openInbox, signal, signals, until } from './members.ts'
import type { Member } from './members.ts'

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
}
