import { createServer } from 'node:http'

createServer((request, response) => {
  if (request.url?.includes('/inbox') === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const more = (): void => {
      while (response.write('la '.repeat(20_000)));
      response.once('drain', more)
    }
    response.write('data: ')
    more()
    return
  }
  const isSignal = request.url?.endsWith('/signals') === true
  response.writeHead(isSignal ? 202 : 201, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ id: 'one', token: 'secret', peers: [] }))
}).listen(process.env.PORT)
