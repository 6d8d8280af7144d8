import { check } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { call, enter, join, joinAtOnce, memberIn, newRoom, next, offer, openInbox, signal, texts } from './members.ts'
import type { Member, Tools } from './members.ts'

/** Who comes in is told who is there, and those who are there are told. */
export function joining(): void {
  check('joins', 'POST …/peers answers 201 with an id, a token, and who is there already', {
    hints: [
      'Whoever joins must learn two things about itself, its address and its secret, and whom it can call.',
      'See “Joining a room”.',
      'Look at the list of peers: those who were there before, in it each with id and name, and nothing that only they may know.',
    ],
  }, async ({ client, expect, note, random, sleep }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const first = await join(tools, room, call(tools, 'first'))
    expect('nobody was there before the first', first.peers.length === 0, { expected: [], actual: first.peers })
    const second = await join(tools, room, call(tools, 'second'))
    const third = await join(tools, room, call(tools, 'third'))
    const names = third.peers.map(({ id, name }) => `${id} ${name}`).sort()
    const expected = [first, second].map(({ id, name }) => `${id} ${name}`).sort()
    expect('the third is told of the two others, with id and name', String(names) === String(expected), { expected, actual: third.peers })
    expect('ids and tokens are all different', new Set([first, second, third].flatMap(({ id, token }) => [id, token])).size === 6)
    const told = texts(third.peers)
    expect('no token of another is told', ![first, second].some(({ token }) => told.includes(token)), { expected: 'id and name', actual: third.peers })
    await meetInANewRoom(tools, sleep)
  })

  check('tells-who-joined', 'Those in the room hear of a newcomer as `joined`; the newcomer does not hear of itself', {
    hints: [
      'Who is there already waits to be called, and must know the caller\'s name before the call comes.',
      'See “The inbox”. No answer at all? An inbox sends its status and headers at once, before there is any event.',
      'Deliver `joined` with id and name to everyone else in the room. Has each event its `event:` line, its `data:` line and the empty line after it?',
    ],
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    // Ben's inbox opens later: when ada hears nothing, the last request is the one that she should have heard of.
    const ben = await join(tools, room, call(tools, 'ben'))
    const { event: heard, data } = await next(tools, ada.inbox)
    const isBen = heard.event === 'joined' && data.id === ben.id && data.name === ben.name
    expect(`the first thing that ${ada.is} hears is that ${ben.is} joined`, isBen, {
      expected: `joined ${JSON.stringify({ id: ben.id, name: ben.name })}`, actual: `${heard.event} ${heard.data}`,
    })
    expect('no token is told with it', !texts(data).includes(ben.token), { expected: 'id and name', actual: data })
    const inbox = await openInbox(client, ben)
    await signal(client, ada, ben, offer(tools))
    const { event } = await next(tools, inbox)
    expect(`the first thing that ${ben.is} hears is not itself, but ada's signal`, event.event === 'signal', { expected: 'signal', actual: event })
    const cleo = await join(tools, room, call(tools, 'cleo'))
    for (const { is, inbox: open } of [ada, { ...ben, inbox }]) {
      const { data: told } = await next(tools, open, 'joined')
      expect(`${is} hears that ${cleo.is} joined`, told.id === cleo.id, { expected: cleo.id, actual: told })
    }
  })
}

/** Two found a room at the same moment: they are in one room, and one of them was told of the other. */
async function meetInANewRoom(tools: Tools, sleep: CheckContext['sleep']): Promise<void> {
  const { client, expect, note } = tools
  note('two join a new room at the same moment')
  const room = newRoom()
  const names = [call(tools, 'ada'), call(tools, 'ben')]
  const replies = await joinAtOnce({ client, sleep }, room, names)
  const both = replies.map((reply, index) => memberIn(tools, room, names[index] ?? '', reply))
  const third = await join(tools, room, call(tools, 'third'))
  const ids = both.map(({ id }) => id)
  expect('both are in the room', ids.every((id) => third.peers.some((peer) => peer.id === id)), { expected: ids, actual: third.peers })
  const known = [await knownBefore(tools, both[0], third), await knownBefore(tools, both[1], third)]
  const isTold = known[0]?.includes(ids[1]) === true || known[1]?.includes(ids[0]) === true
  expect('one of the two was told of the other, by `peers` or by `joined`', isTold, { expected: ids, actual: known })
}

/** The ids that a member was told of before it hears that the other has joined. */
async function knownBefore(tools: Tools, member: Member | undefined, other: Member): Promise<unknown[]> {
  if (member === undefined) return []
  const known: unknown[] = member.peers.map(({ id }) => id)
  const inbox = await openInbox(tools.client, member)
  while (known.at(-1) !== other.id) known.push((await next(tools, inbox, 'joined')).data.id)
  return known
}
