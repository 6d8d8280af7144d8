import { check } from '../harness/lab.ts'
import { addShow, FRESH, guide, idOf, isShow, locationOf, newShow } from './shows.ts'
import type { Show } from './shows.ts'

/** More than where a list may have been cut. */
const MANY = 110

/** No more at one moment than any server takes. */
const AT_ONCE = 22

/** What a guide is for: to write a show down, to find it, and to take it away. */
export function writeAndRead(): void {
  check('starts-empty', 'A guide that was started this moment answers []', {
    hints: [
      'The guide is a collection. An empty collection is still there: it is 200 with an empty array, not 404 and not an example.',
      'See “The list and its items”.',
      'Start with an empty list in memory, and answer it as it is.',
    ],
  }, async ({ copy }) => {
    const fresh = await copy(FRESH)
    const reply = await fresh.client.get('/shows')
    reply.hasStatus(200).hasJson([])
  })

  check('creates-with-location', 'POST /shows answers 201, says where the new show lives, and sends it back', {
    hints: [
      'The client does not know the id, so the answer to POST has to tell it: the status says “made”, Location says where, the body says what.',
      'See “Where the new show lives”.',
      'Look at the status, at the Location header (/shows/ and the id), and at the body: the show with its id, a string. A good show is refused, or gets 500: does the body reach your handler? Who parses it?',
    ],
  }, async ({ client, random, expect, fail }) => {
    const sent = newShow(random)
    const reply = await client.post('/shows', { json: sent })
    // 404 and 405 say that there is no such route yet; any other refusal of a good show, that its body was not understood.
    if (reply.status >= 400 && reply.status !== 404 && reply.status !== 405) {
      fail(`Expected status 201, got ${reply.status} from POST /shows, for a well-formed show. Does the body reach your handler?`, {
        expected: '201', actual: `${reply.status} ${reply.text.slice(0, 300)}`,
      })
    }
    reply.hasStatus(201).hasContentType('application/json')
    const show = reply.json<Show>()
    expect('the body is the show that was sent, with an id that is a non-empty string', isShow(show, sent), {
      expected: { id: '…', ...sent }, actual: show,
    })
    reply.hasHeader('Location')
    const paths = [`/shows/${show.id}`, `/shows/${encodeURIComponent(show.id)}`]
    expect('Location is /shows/ and the id', paths.includes(locationOf(reply) ?? ''), {
      expected: `/shows/${show.id}`, actual: reply.headers.location,
    })
  })

  check('lists', 'GET /shows answers every show as a JSON array, the oldest first', {
    hints: [
      'A collection has an order, and its clients rely on it: the guide grows at its end.',
      'See “The list and its items”.',
      'Answer the array itself, without an object round it, each show whole, in the order in which they came.',
    ],
  }, async ({ client, random, expect }) => {
    // Neither their titles nor their minutes rise or fall from one to the next.
    const added: Show[] = []
    for (const [letter, minutes] of [['m', 30], ['z', 10], ['a', 20]] as const) {
      added.push(await addShow(client, random, { title: `${letter} ${random.word()}`, minutes }))
    }
    const shows = await guide(client)
    const places = added.map(({ id }) => shows.findIndex((show) => show.id === id))
    expect('the new shows are in the guide', !places.includes(-1), { expected: added.map(({ id }) => id), actual: shows.slice(-3) })
    expect('the older show comes first', places[0]! < places[1]! && places[1]! < places[2]!, { expected: 'rising places', actual: places })
    const halved = added.findIndex((show, n) => !isShow(shows[places[n]!], show))
    expect('each is whole', halved === -1, { expected: added[halved], actual: shows[places[halved]!] })
  })

  check('lists-all', 'The guide has every show, however many they are', {
    hints: [
      'Whoever reads the list takes it for the whole guide. A show that is kept but not listed is lost for them, and nothing tells them so.',
      'See “The list and its items”.',
      'Does anything cut the list, or drop the oldest show when a new one comes? Answer all that are there.',
    ],
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

  check('reads-one', 'GET /shows/:id answers that show; an id that names none gets 404', {
    hints: [
      'Each show is a thing with an address of its own, which answers that show, whole. Where no show has the id, the status says so, and a sentence in JSON says it again.',
      'See “The list and its items”: how one show is read, and how all refusals look alike.',
      'Look the show up by the id in the path. Found: 200 and the show. Not found: 404 and `{"error": …}`, announced as JSON, before you send anything else.',
    ],
  }, async ({ client, random, expect }) => {
    const one = await addShow(client, random)
    await addShow(client, random)
    const reply = await client.get(one.path)
    reply.hasStatus(200).hasContentType('application/json')
    const read = reply.json<Show>()
    expect('it is the show of that id', read !== null && read.id === one.id && isShow(read, one), { expected: one, actual: read })
    const missing = await client.get(`/shows/${random.word()}`)
    missing.hasStatus(404).hasJsonError()
    const part = [...String(one.id)].slice(0, -1).join('')
    if (/^\.*$/.test(part)) return
    // Where ids are counted, it may be another show's.
    const reached = await client.get(`/shows/${encodeURIComponent(part)}`)
    reached.satisfies('a part of an id does not lead to the show', () => reached.status === 404 || idOf(reached) === part, () => reached.status)
  })

  check('deletes', 'DELETE /shows/:id answers 204 and removes that show alone; after that its address gets 404', {
    hints: [
      '204 says: done, and there is nothing to read. After that the address names nothing: for GET, and for DELETE as well.',
      'See “Gone is gone”.',
      'Check three things: no body with 204; the show is out of the list; an id that is not found removes nothing and gets 404.',
    ],
  }, async ({ client, random, expect }) => {
    const sent = newShow(random)
    // All alike, and two behind the one that goes: neither their words nor the gap may bring the others out of order.
    const add = (): ReturnType<typeof addShow> => addShow(client, random, sent)
    const [before, doomed, after, last] = [await add(), await add(), await add(), await add()]
    const idsBefore = (await guide(client)).map((show) => show.id)
    const reply = await client.delete(doomed.path)
    reply.hasStatus(204).hasEmptyBody()
    const gone = await client.get(doomed.path)
    gone.hasStatus(404).hasJsonError()
    const again = await client.delete(doomed.path)
    again.hasStatus(404).hasJsonError()
    const ids = (await guide(client)).map((show) => show.id)
    expect('the deleted show is not in the guide', !ids.includes(doomed.id), { actual: ids })
    const others = [before, after, last].map((show) => show.id)
    expect('the other shows still are', others.every((id) => ids.includes(id)), { expected: others, actual: ids })
    const order = idsBefore.filter((id) => others.includes(id))
    expect('they are in the order that they had', ids.filter((id) => others.includes(id)).join() === order.join(), {
      expected: order, actual: ids,
    })
  })
}
