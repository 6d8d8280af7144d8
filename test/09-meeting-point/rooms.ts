import { check } from '../harness/lab.ts'
import type { Reply } from '../harness/lab.ts'
import { bearer, call, enter, join, knockAt, newRoom, next, peersOf, post, refused, signal, signals } from './members.ts'
import type { Joined } from './members.ts'

/** Rooms and names keep apart, and nobody acts in another’s name. */
export function rooms(): void {
  check('rooms-isolated', 'What happens in a room stays in it: names, events, signals and tokens', {
    hints: [
      'A room is a world of its own. Whoever is not in it must not be able to reach into it, not even with a valid token from next door.',
      'See “Joining a room”.',
      'Look up peers and tokens within the room that the path names. A room is one path segment, decoded.',
    ],
  }, async ({ client, expect, fail, note, random }) => {
    const tools = { client, expect, note, random }
    const [blue, red] = [`${newRoom()} blue/é`, `${newRoom()} red`]
    const ada = await enter(tools, blue, 'ada')
    const other = await enter(tools, red, 'ada')
    expect('the other room is empty', other.peers.length === 0, { expected: [], actual: other.peers })
    const into = await post(client, other, ada, 'from outside')
    into.hasStatus([401, 403, 404]).hasJsonError()
    const out = await client.post(`${peersOf(red)}/${encodeURIComponent(ada.id)}/signals`, { json: { data: 'x' }, ...bearer(other.token) })
    out.hasStatus(404).hasJsonError()
    const elsewhere = `${peersOf(red)}/${encodeURIComponent(ada.id)}`
    await refused('her inbox, by the other room', () => knockAt({ client, fail }, `${elsewhere}/inbox?token=${encodeURIComponent(ada.token)}`), [401, 403, 404])
    await refused('leaving by the other room', () => client.delete(elsewhere, bearer(ada.token)), [401, 403, 404])
    const gone = await client.delete(other.path, bearer(other.token))
    gone.hasStatus(204)
    const ben = await enter(tools, blue, 'ben')
    await signal(client, ben, ada, 'from inside')
    const heard = [await next(tools, ada.inbox), await next(tools, ada.inbox)]
    expect('ada has heard ben alone', heard[0]?.data.id === ben.id && heard[1]?.data.from === ben.id, {
      expected: 'joined, then ben\'s signal', actual: heard.map(({ data }) => data),
    })
  })

  check('any-name', 'Every text is a name, for a room as for a peer', {
    hints: [
      'In JavaScript, a plain object has properties that nobody put there: `constructor`, `toString`, `__proto__`.',
      'See “Joining a room”.',
      'Keep rooms and peers in a Map, under the text as it came: a room decoded once, a name not trimmed, shortened or put into lower case.',
    ],
    withinMs: 9_000,
  }, async ({ client, expect, note, random }) => {
    const tools = { client, expect, note, random }
    for (const room of ['constructor', '__proto__', `Ñandú & 港? ${newRoom()}`]) {
      const first = await enter(tools, room, `toString ${newRoom()}`)
      const second = await enter(tools, room, `Ñandú ${newRoom()}`)
      expect(`both are in the room "${room}"`, second.peers.some(({ id }) => id === first.id), { expected: first.id, actual: second.peers })
      await signal(client, second, first, room)
      const [data] = await signals(tools, first.inbox, 1)
      expect('the signal arrives', data === room, { expected: room, actual: data })
      for (const member of [first, second]) await client.delete(member.path, bearer(member.token))
    }
    const room = newRoom()
    const names = ['constructor', '__proto__', 'Ada', 'ada', ' ada', ' ', '\u00e9', 'e\u0301', '"a\nb"', 'x'.repeat(100)]
    await Promise.all(names.map((name) => join(tools, room, name)))
    const { peers } = await join(tools, room, call(tools, 'last'))
    const told = peers.map(({ name }) => name)
    expect('each of them has its name, exactly', names.every((name) => told.includes(name)), { expected: names, actual: told })
    note('one room, its name escaped in three ways; one whose name has a capital letter, and one with an escape in its name')
    const plus = newRoom()
    const counts: unknown[] = []
    for (const spelt of [`${plus}+b`, `${plus}%2Bb`, `%73${plus.slice(1)}+b`, `${plus}+B`, `${plus}%252Bb`]) {
      const reply = await client.post(`/rooms/${spelt}/peers`, { json: { name: random.word() } })
      counts.push(reply.hasStatus(201).json<Joined>()?.peers?.length)
    }
    expect('three meet in the one, and nobody is in the others', counts.join() === '0,1,2,0,0', { expected: [0, 1, 2, 0, 0], actual: counts })
  })

  check('token-required', 'Nobody reads, sends or leaves in another\'s name: 401 without the right token', {
    hints: [
      'An id is an address, and everyone in the room knows it. What proves that a request is yours is the token, which you alone know.',
      'See “Who says so?”, and the chapter\'s table of refusals.',
      'Compare the token in all three places: the inbox\'s `?token=`, and `Authorization: Bearer` for signals and for leaving.',
    ],
  }, async ({ client, expect, fail, note, random }) => {
    const tools = { client, expect, note, random }
    const room = newRoom()
    const ada = await enter(tools, room, call(tools, 'ada'))
    const eve = await enter(tools, room, call(tools, 'eve'))
    const wrong = random.word()
    // The half of a short one could be another's.
    const half = eve.token.length < 8 ? wrong : eve.token.slice(0, eve.token.length / 2)
    const knock = (path: string): Promise<Reply> => knockAt({ client, fail }, path)
    const attempts: [string, () => Promise<Reply>, number[]][] = [
      ['a signal without a token', () => client.post(`${ada.path}/signals`, { json: { data: 'x' } }), [401]],
      ['a signal with a token that is nobody\'s', () => client.post(`${ada.path}/signals`, { json: { data: 'x' }, ...bearer(wrong) }), [401]],
      ['a signal with a half of a token', () => client.post(`${ada.path}/signals`, { json: { data: 'x' }, ...bearer(half) }), [401]],
      ['a signal with a token of no letters', () => client.post(`${ada.path}/signals`, { json: { data: 'x' }, ...bearer('') }), [401]],
      ['an inbox with its id in place of a token', () => knock(`${ada.path}/inbox?token=${encodeURIComponent(ada.id)}`), [401]],
      ['an inbox without a token', () => knock(`${ada.path}/inbox`), [401]],
      ['an inbox with a token that is nobody\'s', () => knock(`${ada.path}/inbox?token=${wrong}`), [401]],
      ['an inbox with an empty token', () => knock(`${ada.path}/inbox?token=`), [401]],
      ['an inbox with a half of its token', () => knock(`${eve.path}/inbox?token=${encodeURIComponent(half)}`), [401]],
      ['another\'s inbox', () => knock(`${ada.path}/inbox?token=${encodeURIComponent(eve.token)}`), [401, 403]],
      ['leaving without a token', () => client.delete(ada.path), [401]],
      ['sending another away', () => client.delete(ada.path, bearer(eve.token)), [401, 403]],
    ]
    // An id is any text, and a header carries visible ASCII alone.
    if (isVisible(eve.id)) attempts.push(['an id in place of a token', () => client.post(`${ada.path}/signals`, { json: { data: 'x' }, ...bearer(eve.id) }), [401]])
    if (isVisible(ada.id)) attempts.push(['leaving with an id in place of a token', () => client.delete(ada.path, bearer(ada.id)), [401]])
    for (const [what, attempt, statuses] of attempts) await refused(what, attempt, statuses)
    const ben = await join(tools, room, call(tools, 'ben'))
    expect('both are still there', [ada, eve].every(({ id }) => ben.peers.some((peer) => peer.id === id)), { expected: [ada.id, eve.id], actual: ben.peers })
  })
}

function isVisible(text: string): boolean {
  return /^[!-~]+$/.test(text)
}
