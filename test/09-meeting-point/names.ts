import { check } from '../harness/lab.ts'
import { call, enter, joinAtOnce, newRoom, next, openInbox, peersOf } from './members.ts'

/** A name belongs to whoever has it. */
export function names(): void {
  check('name-taken', 'A name that is taken in the room gets 409, and who has it keeps it', {
    hints: [
      'The request is well-formed and yet impossible in the present state of the room: that is what 409 Conflict is for.',
      'See “Joining a room”.',
      'Look for the name before you add or tell anyone; refuse the second, and leave the first as it is, also while its inbox is closed for less than LEAVE_MS.',
    ],
  }, async ({ client, expect, note, random, sleep }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const second = await client.post(peersOf(room), { json: { name: ada.name } })
    second.hasStatus(409).hasJsonError()
    const wanted = [random.word(), random.word()]
    for (const name of wanted) {
      const rush = await joinAtOnce({ client, sleep }, room, Array.from({ length: 5 }, () => name))
      const statuses = rush.map(({ status }) => status).sort()
      expect('of five at once, one gets the name', statuses.join() === '201,409,409,409,409', { expected: [201, 409, 409, 409, 409], actual: statuses })
    }
    const ben = await enter(tools, room, call(tools, 'ben'))
    expect('there are as many in the room as got in', ben.peers.length === 3, { expected: 3, actual: ben.peers })
    const expected = [...wanted, ben.name]
    const heard: unknown[] = []
    while (heard.length < expected.length) heard.push((await next(tools, ada.inbox, 'joined')).data.name)
    expect('ada hears of those who got a name, and then of ben', heard.join() === expected.join(), { expected, actual: heard })
    ada.inbox.close()
    note('ada\'s inbox is closed, and LEAVE_MS has not passed')
    await sleep(50)
    const meanwhile = await client.post(peersOf(room), { json: { name: ada.name } })
    meanwhile.hasStatus(409).hasJsonError()
    const cleo = await enter(tools, room, call(tools, 'cleo'))
    expect('who comes now is told of ada', cleo.peers.some(({ id }) => id === ada.id), { expected: ada.id, actual: cleo.peers })
    await openInbox(client, ada)
  })
}
