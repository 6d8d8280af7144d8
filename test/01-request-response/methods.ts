import { check, chunk, LAST_CHUNK, rawJson, rawRequest } from '../harness/lab.ts'
import { addShow, goesOn, guide, inChunks, isAsBefore, newShow } from './shows.ts'

/** Every path and method has an answer. */
export function methods(): void {
  check('head-like-get', 'HEAD answers as GET does, headers and all, without the body', {
    hints: [
      'HEAD asks: what would GET tell me? So it goes the same way through the program; the body alone stays behind.',
      'See “The same question without the body”.',
      'HEAD needs GET’s status, its Content-Type and its Content-Length (of the body that is left out, so not 0), for the list, one show and a missing one.',
    ],
  }, async ({ client, random, expect }) => {
    const [show, gone] = [await addShow(client, random), await addShow(client, random)]
    await client.delete(gone.path)
    for (const path of ['/shows', show.path, gone.path]) {
      const get = await client.get(path)
      const head = await client.head(path)
      head.hasStatus(get.status).hasEmptyBody()
      const names = ['content-type', 'content-length'].filter((name) => get.headers[name] !== undefined)
      for (const name of names) head.hasHeader(name, get.headers[name])
    }
    // Of a path that names nothing the sentence, and so its length, may tell the method.
    const nowhere = await client.head(`/${random.word()}`)
    nowhere.hasStatus(404).hasEmptyBody()
    for (const path of ['/shows', show.path, gone.path, `/${random.word()}`]) {
      const connection = await client.connect()
      await connection.send(rawRequest('HEAD', path))
      const head = await connection.reply({ forMethod: 'HEAD' })
      if (head.isLast) continue
      await connection.send(rawRequest('GET', show.path))
      const next = await connection.reply()
      expect('no byte of a body follows the answer to HEAD', next.status === 200, { expected: 200, actual: next.status })
    }
  })

  check('404-json', 'A path that names nothing gets 404, as JSON, whatever the method', {
    hints: [
      'Express has an answer of its own for unknown paths, and it is a web page. A client that reads JSON cannot read it.',
      'See “The last handlers”.',
      'What must come after all routes, so that it answers only what none of them took?',
    ],
  }, async ({ client, random }) => {
    const show = await addShow(client, random)
    const [word, other] = [random.word(), random.word()]
    const beside = [`/shows${word}`, show.path.replace('/shows/', '/show/'), show.path.replace('/shows/', `/${word}/`), `/${word}${show.path}`, `${show.path}/${word}`]
    const paths = ['/', `/${word}`, `/${word}/${other}`, ...beside]
    for (const path of paths) {
      const reply = await client.get(path)
      reply.hasStatus(404).hasJsonError()
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const reply = await client.request(method, `/${random.word()}`, method === 'DELETE' ? {} : { json: newShow(random) })
      reply.hasStatus(404).hasJsonError()
    }
    const body = JSON.stringify(newShow(random))
    const unread = [
      rawJson('POST', `/${random.word()}`, body), rawJson('DELETE', `/${random.word()}`, body),
      rawRequest('POST', `/${random.word()}`, inChunks, chunk(body) + LAST_CHUNK),
    ]
    for (const request of unread) {
      const connection = await client.connect()
      await connection.send(request)
      const reply = await connection.reply()
      reply.hasStatus(404).hasJsonError()
      await goesOn(connection, reply)
    }
  })

  check('405-allow', 'A known path with another method gets 405, and Allow lists what is possible there', {
    hints: [
      'The thing exists, but this cannot be done to it. 404 would say that it is not there; 405 with Allow says what one may do instead.',
      'See “Which refusal?”, the row of 405.',
      'After the methods of a path, answer every other method of it. Allow differs between the list and one show.',
    ],
  }, async (context) => {
    const { client, random, expect } = context
    const show = await addShow(client, random)
    const before = await guide(client)
    const cases: [string, string[], string[]][] = [
      ['/shows', ['PUT', 'PATCH', 'DELETE'], ['GET', 'POST']],
      [show.path, ['POST', 'PUT', 'PATCH'], ['DELETE', 'GET']],
    ]
    for (const [path, methods, allowed] of cases) {
      for (const method of methods) {
        const reply = await client.request(method, path, method === 'DELETE' ? {} : { json: newShow(random) })
        reply.hasStatus(405).hasHeader('Allow').hasJsonError()
        const listed = reply.headers.allow!.split(',').map((name) => name.trim()).filter((name) => name !== '')
        const required = listed.filter((name) => name !== 'HEAD' && name !== 'OPTIONS').sort()
        expect(`Allow lists ${allowed.join(' and ')} (HEAD and OPTIONS as you like)`, required.join() === allowed.join(), {
          expected: allowed, actual: listed,
        })
      }
    }
    await isAsBefore(context, before)
  })
}
