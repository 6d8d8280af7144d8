import { check } from '../harness/lab.ts'
import { bearer, BRIEF, done, HASHING_MS, keepsQuiet, newcomer, newShow, PRESENTERS, register, signIn, whoIs, writeLetter } from './people.ts'

/** Who gets an account, under which name and with which role. */
export function accounts(): void {
  check('creates-account', 'POST /accounts answers 201 with the name and the role, and nothing of the password', {
    hints: [
      'The server decides what somebody may do. A role that comes with the request is a wish, and a password that goes out again is a leak.',
      'See “An account, and what is kept of the password”.',
      'Answer 201 with `{name, role}` and no more. The role is `listener` unless PRESENTERS names this name, whatever the body says.',
    ],
  }, async ({ client, random, expect }) => {
    const ada = newcomer(random, 'ada')
    const reply = await client.post('/accounts', { json: ada })
    const account = reply.hasStatus(201).hasContentType('application/json').json<{ name?: unknown; role?: unknown } | null>()
    expect('it is a listener of that name', account?.name === ada.name && account.role === 'listener', {
      expected: { name: ada.name, role: 'listener' }, actual: account,
    })
    keepsQuiet(reply, ada.password)
    const eve = newcomer(random, 'eve')
    // A server may refuse the extra member, or pass over it: but it must never take the role.
    const wish = await client.post('/accounts', { json: { ...eve, role: 'presenter', isPresenter: true } })
    wish.hasStatus([...done, 422])
    if (wish.status === 422) return
    const role = wish.json<{ role?: unknown } | null>()?.role
    expect('a role in the body is not taken', role === 'listener', { expected: 'listener', actual: role })
  })

  check('presenters', 'PRESENTERS names the presenters, each name exactly; everybody else is a listener', {
    hints: [
      'The same program runs at many stations. Who presents there is for whoever starts it to say, in its environment.',
      'See “Signed in is not allowed”.',
      'Split the variable at its commas and compare whole names: `ine` is part of the text, and no presenter.',
    ],
    withinMs: HASHING_MS,
  }, async ({ copy, random, expect, note }) => {
    const { client } = await copy(BRIEF)
    const expected = {
      olga: 'presenter', piet: 'presenter', olg: 'listener', Olga: 'listener', 'olga ': 'listener', 'olga,piet': 'listener', [PRESENTERS[0]!]: 'listener',
    }
    const password = `${random.word()} ${random.word()}`
    await Promise.all(Object.entries(expected).map(async ([name, role]) => {
      const reply = await register(client, { name, password })
      const actual = reply.json<{ role?: unknown } | null>()?.role
      expect(`where PRESENTERS is ${BRIEF.env.PRESENTERS}, "${name}" is a ${role}`, actual === role, { expected: role, actual })
    }))
    note('what a role allows goes by the whole name, too')
    const olga = await signIn({ client, expect }, { name: 'olga', password })
    const letter = await writeLetter(client, olga, random.word())
    for (const name of ['olg', 'Olga']) {
      const { token } = await signIn({ client, expect }, { name, password })
      await client.get(letter, bearer(token)).then((reply) => reply.hasStatus(403))
      await client.post('/shows', { json: newShow(random), ...bearer(token) }).then((reply) => reply.hasStatus(403))
    }
  })

  check('bad-account', 'A password under 8 characters, or no name, gets 422, and leaves no account', {
    hints: [
      'A short password is guessed whatever you do with it later. Characters are counted here, as people count them: ñ is one.',
      'See “An account, and what is kept of the password”.',
      'The story names the body. In turn: is the name a text that is not empty, is the password a text, has it 8 characters? Refuse before anything is kept, in words without the password.',
    ],
  }, async ({ client, random, note }) => {
    const { name, password } = newcomer(random, 'ada')
    const bad: [string, unknown][] = [
      ['a password of 7 signs', { name, password: `x${random.integer(10_000, 99_999)}#` }], ['a password of 7 times ñ, which are 14 bytes', { name, password: 'ñ'.repeat(7) }],
      ['no password', { name }], ['a number as the password', { name, password: 12_345_678 }], ['a list as the password', { name, password: [...password] }],
      ['an empty password', { name, password: '' }], ['no name', { password }], ['an empty name', { name: '', password }],
      ['a number as the name', { name: 7, password }], ['null as the name', { name: null, password }], ['null', null],
    ]
    for (const [what, json] of bad) {
      note(what)
      const reply = await client.post('/accounts', { json })
      reply.hasStatus(json === null ? [400, 422] : 422).hasJsonError()
      keepsQuiet(reply, (json as Record<string, unknown> | null)?.['password'])
    }
    note('8 characters are enough, and the name is still free')
    await register(client, { name, password: 'ñ'.repeat(8) })
  })

  check('name-taken', 'A name that is taken gets 409, also at the same moment, and who has it keeps it', {
    hints: [
      'Two people ask for one name. While the first password is being hashed, the second request runs: what it looked up before the wait may be untrue after it.',
      'See “An account, and what is kept of the password”, on the wait in the middle.',
      'Ask whether the name is free after the hash is there, and take it in the same breath, with no `await` between. A taken account is left as it is.',
    ],
    withinMs: HASHING_MS,
  }, async ({ client, random, expect }) => {
    const ada = newcomer(random, 'ada')
    const password = (): string => newcomer(random, 'ada').password
    const rush = Array.from({ length: 3 }, () => ({ name: ada.name, password: password() }))
    const replies = await Promise.all(rush.map((json) => client.post('/accounts', { json })))
    const statuses = replies.map(({ status }) => status)
    const won = statuses.filter((status) => done.includes(status)).length
    const lost = statuses.filter((status) => status === 409).length
    expect('of three at once, one gets the name', won === 1 && lost === 2, { expected: 'one 201, two 409', actual: statuses.join(', ') })
    const again = { name: ada.name, password: password() }
    const late = await client.post('/accounts', { json: again })
    late.hasStatus(409).hasJsonError()
    keepsQuiet(late, again.password)
    const winner = rush[statuses.findIndex((status) => done.includes(status))]!
    await signIn({ client, expect }, winner)
  })

  check('any-text-is-a-name', 'Any text is a name, and is compared exactly: `constructor`, letters of every script, blanks', {
    hints: [
      'A JavaScript object has members that nobody put there: `constructor`, `__proto__`. Whoever looks names up in it finds accounts that nobody made.',
      'See “An account, and what is kept of the password”.',
      'Keep accounts, presenters and attempts in a `Map` or a `Set`, which hold what you put there and nothing else. Keep the name as it came: neither trimmed nor normalised. Does your token join parts with a sign that a name may contain?',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client, random, expect } = context
    const composed = `Ñandú, 港: 🎧 ${random.word()}`
    const long = `"${random.word()}/\n<b>${random.word()}" `.repeat(10)
    const letter = String.fromCodePoint(random.integer(0x4e00, 0x9fa5))
    const names = ['constructor', '__proto__', composed, composed.normalize('NFD'), `${composed} `, long, letter]
    await Promise.all(names.map(async (name) => {
      const credentials = { name, password: `the password for ${name.length} letters` }
      const reply = await client.post('/accounts', { json: credentials })
      // At somebody's running server these may be there since an earlier run; then their passwords tell.
      if (!/^(constructor|__proto__)$/.test(name) || reply.status !== 409) reply.hasStatus(done)
      const { token } = await signIn(context, credentials)
      const { name: told, role } = await whoIs(client, token)
      expect(`the server knows "${name}" by this name`, told === name, { expected: name, actual: told })
      expect(`"${name}", whom PRESENTERS does not name, is a listener`, role === 'listener', { expected: 'listener', actual: role })
    }))
  })
}
