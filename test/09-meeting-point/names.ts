import { check } from '../harness/lab.ts'
import { call, enter, newRoom, peersOf, signal, signals } from './members.ts'

/** A name belongs to whoever has it. */
export function names(): void {
  check('name-taken', 'A name that is taken in the room gets 409, and who has it keeps it', {
    hints: [
      'The request is well-formed and yet impossible in the present state of the room: that is what 409 Conflict is for.',
      'See “Joining a room”.',
      'Look for the name before you add anyone; refuse the second, and leave the first as it is.',
    ],
  }, async ({ client, expect, note, random }) => {
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
    await signal(client, ben, ada, 'still you')
    await signals(tools, ada.inbox, 1)
  })
}
