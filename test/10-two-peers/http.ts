import { check, isRefusedAsTooLarge, rawRequest } from '../harness/lab.ts'
import type { CheckContext } from '../harness/lab.ts'
import { isJsonError, long } from './frames.ts'
import { BYTES, escapeFirst, guest, LONG_MS, MIB, put, unique } from './guests.ts'

/** What a peer’s own user asks of it. */
export function http(): void {
  check('about', 'GET /about answers 200 with the name that NAME gives', {
    hints: [
      'A peer is an HTTP server for its own user, as every program before.',
      'See "The contract".',
      'Read NAME from the environment and answer it as JSON, in a member called `name`.',
    ],
  }, async ({ client, meeting, program }) => {
    void program
    const reply = await client.get('/about')
    reply.hasStatus(200).hasContentType('application/json')
    reply.satisfies(`the name is ${meeting.name}`, () => reply.json<{ name?: unknown }>().name === meeting.name, () => reply.text)
  })

  check('library', 'What a user PUTs under a title comes back byte for byte, whatever its type, and a second PUT replaces it', {
    hints: [
      'A title holds bytes, whatever their Content-Type says, also without one. Read as text, bytes that are not UTF-8 are changed.',
      'See "The contract".',
      'Keep the body as it came, also an empty one, under the decoded title, once all of it is there. PUT answers 204 each time.',
    ],
    withinMs: 10_000,
  }, async (context) => {
    const { client, random } = context
    const title = encodeURIComponent(`${random.word()}/Ñandú & co?`)
    const first = random.bytes(5_000)
    await put(client, title, first)
    const again = await client.get(`/library/${title}`)
    again.hasStatus(200).hasBytes(first)
    const escaped = escapeFirst(title)
    const otherwise = await client.get(`/library/${escaped}`)
    otherwise.hasStatus(200).hasBytes(first)
    const second = random.bytes(300)
    await put(client, title, second)
    const replaced = await client.get(`/library/${title}`)
    replaced.hasStatus(200).hasBytes(second)
    const untyped = random.bytes(400)
    const types: Record<string, string>[] = [{}, { 'Content-Type': 'audio/ogg' }, { 'Content-Type': 'application/json' }]
    for (const headers of types) {
      const stored = await client.put(`/library/${title}`, { body: untyped, headers })
      stored.hasStatus(204)
      const kept = await client.get(`/library/${title}`)
      kept.hasStatus(200).hasBytes(untyped)
      await put(client, title, second)
    }
    await breaksOff(context, title)
    const unchanged = await client.get(`/library/${title}`)
    unchanged.hasStatus(200).hasBytes(second)
    await keepsTitlesApart(context)
    await put(client, title, new Uint8Array(0))
    const emptied = await client.get(`/library/${title}`)
    emptied.hasStatus(200).hasBytes(new Uint8Array(0))
  })

  check('413', 'A body over 8 MiB is refused with 413, and the title keeps what it had', {
    hints: [
      'A server that keeps all it is sent can be filled up by anyone.',
      'See "The contract".',
      'Count the bytes of the body, stop past 8 MiB (8,388,608 bytes; just so many are taken), and answer 413 with a JSON error. What was refused must not be kept.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, random } = context
    const title = `big-${random.word()}`
    const kept = long(random.bytes(4_096), 8 * MIB)
    await put(client, title, kept)
    const refused = await client.put(`/library/${title}`, { body: long(random.bytes(4_096), 8 * MIB + 1), headers: BYTES })
    refused.hasStatus(413).hasJsonError()
    isRefusedAsTooLarge(await client.put(`/library/${title}`, { body: long(random.bytes(4_096), 8 * MIB + 1), headers: BYTES, chunked: true }))
    const reply = await client.get(`/library/${title}`)
    reply.hasStatus(200).hasBytes(kept)
  })

  check('404', 'A peer that is not linked, a title nobody has, and a path that names nothing get 404', {
    hints: [
      'Whoever asks, your user or a peer, "there is no such thing" is 404.',
      'See "The contract".',
      'Answer 404 with a JSON error for peers that are not linked and for unknown titles, and pass on the 404 that another peer answers. Keep titles in a `Map`: an object has a `constructor` from the start.',
    ],
    withinMs: LONG_MS,
  }, async (context) => {
    const { client, meeting, random } = context
    const { peer, link } = await guest(context, { name: unique(context, 'vera') })
    for (const path of [
      `/library/${random.word()}`,
      '/library/constructor',
      `/peers/${unique(context, 'nobody')}/about`,
      `/peers/${unique(context, 'nobody')}/library/${random.word()}`,
      `/peers/${meeting.name}/about`,
      `/peers/${peer.name}/library/${random.word()}`,
      `/${random.word()}`,
    ]) {
      const reply = await client.get(path)
      reply.hasStatus(404).hasJsonError()
    }
    for (const path of [`/library/${random.word()}`, `/${random.word()}`, '/peers', `/about${random.word()}`, `/${random.word()}/about`]) {
      const { status, body } = await link.ask(path, { withinMs: 5_000 })
      context.expect(`the answer to a request frame for ${path} has status 404`, status === 404, { expected: 404, actual: status })
      context.expect('its body is a JSON error', isJsonError(body), { actual: Buffer.from(body).toString() })
    }
  })
}

/** Sends half of a body, and is gone. */
async function breaksOff({ client, note, random, sleep }: CheckContext, title: string): Promise<void> {
  const half = random.word().repeat(200)
  const connection = await client.connect()
  await connection.send(rawRequest('PUT', `/library/${title}`, { ...BYTES, 'Content-Length': String(2 * half.length) }, half))
  await sleep(100)
  connection.reset()
  await sleep(200)
  note('the connection broke off in the middle of the body')
}

/** A plus is no blank, and a capital letter is another. */
async function keepsTitlesApart({ client, random }: CheckContext): Promise<void> {
  const word = random.word()
  const titles = [`${word}+${word}`, word, word.toUpperCase()]
  const bodies = titles.map(() => random.bytes(50))
  for (const [index, title] of titles.entries()) await put(client, title, bodies[index] as Uint8Array)
  for (const [index, title] of [...titles, `${word}%2B${word}`].entries()) {
    const reply = await client.get(`/library/${title}`)
    reply.hasStatus(200).hasBytes(bodies[index % titles.length] as Uint8Array)
  }
}
