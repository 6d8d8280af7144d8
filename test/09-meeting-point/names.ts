import { check } from '../harness/lab.ts'
import { call, enter, newRoom, next, openInbox, peersOf } from './members.ts'

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
    const wanted = random.word()
    const rush = await Promise.all(Array.from({ length: 5 }, () => client.post(peersOf(room), { json: { name: wanted } })))
    const statuses = rush.map(({ status }) => status).sort()
    expect('of five at once, one gets the name', statuses.join() === '201,409,409,409,409', { expected: [201, 409, 409, 409, 409], actual: statuses })
    const ben = await enter(tools, room, call(tools, 'ben'))
    expect('there are as many in the room as got in', ben.peers.length === 2, { expected: 2, actual: ben.peers })
    const heard = [await next(tools, ada.inbox, 'joined'), await next(tools, ada.inbox, 'joined')]
    expect('ada hears of the one that got the name, and then of ben', heard[0]?.data.name === wanted && heard[1]?.data.id === ben.id, {
      expected: [wanted, ben.name], actual: heard.map(({ data }) => data.name),
    })
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
