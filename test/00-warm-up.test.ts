import { check, lab } from './harness/lab.ts'

lab({ title: 'On air', program: 'server' })

const announcement = 'Harbour Radio is on the air'

check('says-on-air', 'GET / answers 200 with the text “Harbour Radio is on the air”', {
  hints: [
    'A client reads the status first and the body second. Both must say that the station is on the air, and the body is compared byte by byte.',
    'See “The answer, line by line”: where the status ends, where the body begins, and who counts its bytes.',
    'Look at the text in `mine.ts` beside TODO(1). One word of it is wrong; nothing may follow the last one, not even a line break.',
  ],
}, async ({ client, fail }) => {
  for (const _listener of ['the first', 'the second', 'the third']) {
    const reply = await client.get('/')
    reply.hasStatus(200)
    if (reply.text !== announcement && reply.text.trim() === announcement) {
      fail('The words are right, but a line break or a space stands before or after them, and a body is compared byte by byte.', {
        expected: JSON.stringify(announcement), actual: JSON.stringify(reply.text),
      })
    }
    reply.hasText(announcement)
  }
})

check('content-type', 'GET / says that its body is text/plain', {
  hints: [
    'The bytes of a body do not say what they are. The Content-Type header does, and a browser believes it.',
    'See “The answer, line by line”, the paragraph on Content-Type.',
    'Find the place that sends the text, and name its type there: without it, Express announces a web page.',
  ],
}, async ({ client }) => {
  const reply = await client.get('/')
  reply.hasContentType('text/plain')
})

check('unknown-path-404', 'Any path but / answers 404', {
  hints: [
    'A path names a thing. Where nothing has that name, the status says so: 404. A friendly text with status 200 would be a lie to a program.',
    'See “The status line is for programs” for what 404 says, and to whom.',
    'The route must match the path / alone. Whatever answers all the other paths must set the status 404.',
  ],
}, async ({ client, random }) => {
  for (const path of [`/${random.word()}`, `/${random.word()}/${random.word()}`, '/mine.ts', '/favicon.ico']) {
    const reply = await client.get(path)
    reply.hasStatus(404)
  }
})

check('other-methods', 'Other methods answer 404 or 405, on / and elsewhere: listening is all one can do here', {
  hints: [
    'The method is part of the request: GET / asks for the announcement, POST / would hand something in, and the station takes nothing.',
    'See “The request, line by line”: a request is a method and a path together.',
    'The handler must be bound to GET and not to every method. What is left over gets 404, or 405 if you like.',
  ],
}, async ({ client, random }) => {
  const requests = [...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, '/'] as const), ['POST', `/${random.word()}`] as const]
  for (const [method, path] of requests) {
    const reply = await client.request(method, path, method === 'DELETE' ? {} : { body: random.word(), headers: { 'content-type': 'text/plain' } })
    // A library may know no method but those that it was told of: Python's answers 501 then, and nothing was taken.
    reply.hasStatus(method === 'POST' ? [404, 405] : [404, 405, 501])
  }
})
