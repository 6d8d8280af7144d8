import { check } from '../harness/lab.ts'
import { addShow, FRESH, guide, idOf, newShow, taken } from './shows.ts'

/** More than where a list may have been cut. */
const MANY = 111

/** So few that no server's queue of new connections runs over, also where each request needs one. */
const AT_ONCE = 3

/** Where such a queue runs over, the system dials again after 1, 3 and 7 seconds. */
const DIALLED_AGAIN_MS = 15_000

/** Many shows: in the list, and at one moment. */
export function many(): void {
  check('lists-all', 'The guide has every show, however many they are', {
    hints: [
      'Whoever reads the list takes it for the whole guide. A show that is kept but not listed is lost for them, and nothing tells them so.',
      'See “The list and its items”.',
      'Does anything cut the list, or drop the oldest show when a new one comes? Answer all that are there.',
    ],
    withinMs: DIALLED_AGAIN_MS,
  }, async ({ copy, random, expect, inOneStep }) => {
    const { client } = await copy(FRESH)
    const add = async (): Promise<unknown> => (await addShow(client, random)).id
    const ids = await inOneStep(`${AT_ONCE} clients at once add ${MANY / AT_ONCE} shows each`, async () => {
      const added: unknown[] = []
      while (added.length < MANY) added.push(...await Promise.all(Array.from({ length: AT_ONCE }, add)))
      return added
    })
    const listed = new Set<unknown>((await guide(client)).map(({ id }) => id))
    const found = ids.filter((id) => listed.has(id)).length
    expect(`all of the ${MANY} new shows are in the guide`, found === MANY, { expected: MANY, actual: found })
  })

  check('many-at-once', 'Shows that come at the same moment are all kept, each with its own id', {
    hints: [
      'Many clients write at once, and within one millisecond the clock shows the same time to all of them.',
      'See “Where the new show lives”, on what makes a good id.',
      'Make the id from something that differs for each show: a count that never goes down, or enough random bits.',
    ],
    withinMs: DIALLED_AGAIN_MS,
  }, async ({ client, random, expect }) => {
    const replies = await Promise.all(Array.from({ length: 24 }, () => client.post('/shows', { json: newShow(random) })))
    for (const reply of replies) reply.hasStatus(taken)
    const ids = replies.map((reply) => idOf(reply))
    expect('24 shows have 24 ids', new Set(ids).size === ids.length, { expected: 24, actual: new Set(ids).size })
    const listed = new Set((await guide(client)).map((show) => show.id))
    expect('the guide has all of them', ids.every((id) => listed.has(id ?? '')), { actual: `${listed.size} shows` })
  })
}
