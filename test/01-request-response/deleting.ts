import { check } from '../harness/lab.ts'
import type { Client } from '../harness/lab.ts'
import { addShow, FRESH, guide, longerPath, newShow, UNKNOWN_PATHS } from './shows.ts'

/** To take a show away, and all of them. */
export function deleting(): void {
  check('deletes', 'DELETE /shows/:id answers 204 and removes that show alone; after that its address gets 404', {
    hints: [
      '204 says: done, and there is nothing to read. After that the address names nothing: for GET, and for DELETE as well.',
      'See “Gone is gone”.',
      'Check four things: no body with 204; the show is out of the list; an id that is not found removes nothing and gets 404; nothing waits between finding a show and removing it.',
    ],
  }, async ({ client, random, expect }) => {
    const sent = newShow(random)
    // All alike, and two behind those that go: neither their words nor the gap may bring the others out of order.
    const add = (): ReturnType<typeof addShow> => addShow(client, random, sent)
    const [before, doomed, twice, after, last] = [await add(), await add(), await add(), await add(), await add()]
    const idsBefore = (await guide(client)).map((show) => show.id)
    const reply = await client.delete(doomed.path)
    reply.hasStatus(204).hasEmptyBody()
    const gone = await client.get(doomed.path)
    gone.hasStatus(404).hasJsonError()
    const again = await client.delete(doomed.path)
    again.hasStatus(404).hasJsonError()
    for (const path of [...UNKNOWN_PATHS, longerPath(before)]) {
      const missing = await client.delete(path)
      missing.hasStatus(404)
    }
    const both = await Promise.all([client.delete(twice.path), client.delete(twice.path)])
    const statuses = both.map(({ status }) => status).sort()
    // Both of them may have found it.
    const isDone = statuses[0] === 204 && (statuses[1] === 204 || statuses[1] === 404)
    expect('of two DELETEs at the same moment one gets 204, the other 204 or 404', isDone, { expected: [204, 404], actual: statuses })
    const ids = (await guide(client)).map((show) => show.id)
    expect('the deleted shows are not in the guide', !ids.includes(doomed.id) && !ids.includes(twice.id), { actual: ids })
    const others = [before, after, last].map((show) => show.id)
    expect('the other shows still are', others.every((id) => ids.includes(id)), { expected: others, actual: ids })
    const order = idsBefore.filter((id) => others.includes(id))
    expect('they are in the order that they had', ids.filter((id) => others.includes(id)).join() === order.join(), {
      expected: order, actual: ids,
    })
  })

  check('empties', 'All shows can be deleted, the oldest too: the guide is [] again, and the next show has a new id', {
    hints: [
      'A collection may shrink to nothing and grow again. The first place and the last show are no exceptions, and an id stays used for ever.',
      'See “The list and its items”, on an empty guide, and “Gone is gone”.',
      'The first index is 0: is it taken for “not found”? Does the list change its form when it is empty, or the count of ids begin again?',
    ],
  }, async ({ copy, random, expect }) => {
    const { client } = await copy(FRESH)
    const shows = [await addShow(client, random), await addShow(client, random)]
    await emptied(client)
    const next = await addShow(client, random)
    expect('the next show has an id that none had before', shows.every(({ id }) => id !== next.id), {
      expected: 'a new id', actual: [...shows, next].map(({ id }) => id),
    })
    const gone = await client.get(shows[0]!.path)
    gone.hasStatus(404)
    await client.delete(next.path)
  })
}

/** Deletes all shows, the oldest first. */
async function emptied(client: Client): Promise<void> {
  for (const { id } of await guide(client)) {
    const reply = await client.delete(`/shows/${encodeURIComponent(id)}`)
    reply.satisfies('the show is found', () => reply.status !== 404, () => reply.status)
  }
  const list = await client.get('/shows')
  list.hasStatus(200).hasJson([])
}
