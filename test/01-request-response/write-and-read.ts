import { check } from '../harness/lab.ts'
import { addShow, FRESH, guide, idInLocation, idOf, isShow, longerPath, newShow, UNKNOWN_PATHS } from './shows.ts'
import type { Show } from './shows.ts'

/** What a guide is for: to write a show down, and to find it. */
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
    expect('Location is /shows/ and the id', idInLocation(reply) === show.id, {
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

  check('reads-one', 'GET /shows/:id answers that show; an id that names none gets 404', {
    hints: [
      'Each show is a thing with an address of its own, which answers that show, whole. Where no show has the id, the status says so, and a sentence in JSON says it again.',
      'See “The list and its items”: how one show is read, and how all refusals look alike.',
      'Look the show up by the whole id in the path, a text, among the shows and nothing else. Found: 200 and the show. Not found: 404 and `{"error": …}`, announced as JSON, before you send anything else.',
    ],
  }, async ({ client, random, expect }) => {
    const one = await addShow(client, random)
    await addShow(client, random)
    const reply = await client.get(one.path)
    reply.hasStatus(200).hasContentType('application/json')
    const read = reply.json<Show>()
    expect('it is the show of that id', read !== null && read.id === one.id && isShow(read, one), { expected: one, actual: read })
    for (const path of [`/shows/${random.word()}`, ...UNKNOWN_PATHS, longerPath(one)]) {
      const missing = await client.get(path)
      missing.hasStatus(404).hasJsonError()
    }
    const part = [...String(one.id)].slice(0, -1).join('')
    if (/^\.*$/.test(part)) return
    // Where ids are counted, it may be another show's.
    const reached = await client.get(`/shows/${encodeURIComponent(part)}`)
    reached.satisfies('a part of an id does not lead to the show', () => reached.status === 404 || idOf(reached) === part, () => reached.status)
  })
}
