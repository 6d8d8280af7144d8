import { check } from '../harness/lab.ts'
import { addShow, idOf, isShow, newShow, taken } from './shows.ts'
import type { Show } from './shows.ts'

/** Who names a show, and whether two ever have one name. */
export function ids(): void {
  check('server-names-the-show', 'The server chooses the id, whatever id the client sends', {
    hints: [
      'An id is the server’s promise that no two shows share an address. A client that could choose it could take another show’s place.',
      'See “Where the new show lives”.',
      'Take the title and the minutes out of the body, one by one, and nothing else. Is the client’s id not to blame? Then see whether two shows can get the same one from you.',
    ],
  }, async ({ client, random, expect, fail }) => {
    const victim = await addShow(client, random)
    // A server may refuse the extra member, or pass over it: but it must never take the id.
    for (const [wish, why] of [[victim.id, 'an older show already has'], [random.word(), 'its sender asked for']] as const) {
      const reply = await client.post('/shows', { json: { ...newShow(random), id: wish } })
      reply.hasStatus([...taken, 422])
      if (reply.status !== 422 && idOf(reply) === wish) {
        fail(`Expected the new show to have an id of the server’s own: ${why} the id ${wish}.`, {
          expected: 'an id that the server chose', actual: wish,
        })
      }
    }
    const kept = (await client.get(victim.path)).hasStatus(200).json<Show>()
    expect('the older show is what it was', isShow(kept, victim), { expected: victim, actual: kept })
  })

  check('ids-never-reused', 'No two shows ever share an id, not even a deleted show and a later one', {
    hints: [
      'Somebody may have kept the address of a deleted show. It must never lead to another show.',
      'See “Gone is gone”.',
      'Where does a new id come from? It must depend neither on how many shows there are now, nor on the last one still there.',
    ],
  }, async ({ client, random, expect }) => {
    const sent = newShow(random)
    // The same show twice: two shows, as when a button is pressed twice.
    const first = await addShow(client, random, sent)
    const second = await addShow(client, random, sent)
    await client.delete(first.path)
    const third = await addShow(client, random)
    await client.delete(third.path)
    const fourth = await addShow(client, random)
    const ids = [first, second, third, fourth].map((show) => show.id)
    expect('four shows had four ids', new Set(ids).size === 4, { expected: 'four different ids', actual: ids })
    const missing = await client.get(first.path)
    missing.hasStatus(404)
  })
}
