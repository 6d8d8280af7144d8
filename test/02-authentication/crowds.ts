import { check } from '../harness/lab.ts'
import type { Reply } from '../harness/lab.ts'
import { bearer, enter, HASHING_MS, isRemote, keepsQuiet, knock, newcomer, pathOf, register, signIn, whoIs, writeLetter } from './people.ts'
import type { Credentials } from './people.ts'

/** One who guesses again and again, and two whose requests cross. */
export function crowds(): void {
  check('throttled', 'After 5 failed sign-ins on one name in a minute: 429 with Retry-After, for the right password too', {
    hints: [
      'Whoever may guess as often as he likes will be right one day. And if the right password still got through, every 429 would say “wrong”.',
      'See “Five guesses a minute”.',
      'Count failures by name, known or not. After the fifth failure, refuse that name before you look at the password, with the seconds to wait in Retry-After; no other name. The fifth itself still gets 401.',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client, random, note } = context
    const [ada, ben, nobody] = [newcomer(random, 'ada'), newcomer(random, 'ben'), newcomer(random, 'nobody')]
    // A name that an object has by itself. At somebody's running server its minute may not be over since an earlier run.
    if (!isRemote(context)) nobody.name = 'valueOf'
    const [session] = await Promise.all([register(client, ada).then(() => signIn(context, ada)), register(client, ben)])
    const fail = async (who: Credentials, time: number): Promise<void> => {
      const reply = await knock(client, { ...who, password: newcomer(random, 'x').password })
      reply.satisfies(`failure ${time} on one name gets 401`, ({ status }) => status === 401, ({ status }) => status)
    }
    note('five failures on a name, one after the other, and five at once on one that nobody has')
    for (let time = 1; time <= 5; time += 1) await fail(ada, time)
    await Promise.all([1, 2, 3, 4, 5].map((time) => fail(nobody, time)))
    isThrottled(await knock(client, { ...ada, password: newcomer(random, 'x').password }))
    note('and now the right password')
    const refused = await knock(client, ada)
    isThrottled(refused)
    keepsQuiet(refused, ada.password)
    isThrottled(await knock(client, nobody))
    note('somebody else asks for an account of that name, and is refused: that changes nothing')
    await client.post('/accounts', { json: { ...newcomer(random, 'x'), name: ada.name } }).then((reply) => reply.hasStatus(409))
    isThrottled(await knock(client, ada))
    note('a name in capital letters is another name')
    await knock(client, { ...ada, name: ada.name.toUpperCase() }).then((reply) => reply.hasStatus(401))
    note('another name gets in, six times and more, and who is signed in already stays so')
    for (let time = 1; time <= 6; time += 1) await signIn(context, ben)
    await whoIs(client, session.token)
  })

  check('senders-never-mixed', 'Requests of two people that cross each other are never mixed up', {
    hints: [
      'While one request waits for the rest of its body, another runs. What both keep in one variable, the second overwrites.',
      'See “It belongs to the request”.',
      'Where do you keep who is asking? Not outside the handlers: keep it on the request or the response, and read it from there.',
    ],
    withinMs: HASHING_MS,
  }, async (context) => {
    const { client, random, expect, note, sleep } = context
    const [ada, ben] = await Promise.all([enter(context, 'ada'), enter(context, 'ben')])
    const body = JSON.stringify({ text: random.word() })
    const connection = await client.connect()
    const head = ['POST /letters HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${ada.token}`, 'Content-Type: application/json', `Content-Length: ${body.length}`]
    await connection.send([...head, '', body.slice(0, 5)].join('\r\n'))
    // Nothing tells when the program has read that far. Twice, since the first time may be too early.
    for (const rest of [body.slice(5, 8), body.slice(8)]) {
      await sleep(40)
      note('a part of a letter of ada’s has been sent, and now ben asks who he is')
      const told = await whoIs(client, ben.token)
      expect('ben is ben', told.name === ben.name, { expected: ben.name, actual: told.name })
      await connection.send(rest)
    }
    const path = pathOf(await connection.reply())
    note('the letter is complete, and ada’s own')
    await client.get(path, bearer(ada.token)).then((reply) => reply.hasStatus(200))
    note('both write ten letters at once')
    await Promise.all([ada, ben].map(async (person) => {
      const texts = Array.from({ length: 10 }, () => random.word())
      const paths = await Promise.all(texts.map((text) => writeLetter(client, person, text)))
      await Promise.all(paths.map(async (letter, index) => {
        const read = await client.get(letter, bearer(person.token)).then((reply) => reply.hasStatus(200).json<{ text?: unknown } | null>())
        expect('each letter is there, under an address of its own', read?.text === texts[index], { expected: texts[index], actual: read })
      }))
    }))
    note('and now 50 requests of both at once')
    await Promise.all(Array.from({ length: 50 }, async (_, index) => {
      const person = index % 2 === 0 ? ada : ben
      const { name } = await whoIs(client, person.token)
      expect('each is told his own name', name === person.name, { expected: person.name, actual: name })
    }))
  })
}

function isThrottled(reply: Reply): void {
  reply.hasStatus(429).hasHeader('Retry-After').hasJsonError()
  const value = reply.headers['retry-after'] ?? ''
  const isCount = /^\d+$/.test(value)
  const seconds = isCount ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  // A date has no fractions, and may have been rounded up.
  reply.satisfies('Retry-After is up to a minute: seconds, or a date', () => seconds > 0 && seconds <= (isCount ? 60 : 61), () => value)
}
