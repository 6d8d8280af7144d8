import { createServer } from 'node:http'

createServer((request, response) => {
  if (request.url?.includes('/inbox') === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const more = (): void => {
      while (response.write('event: joined\ndata: {"id":"nobody","name":"nobody"}\n\n'.repeat(500)));
      response.once('drain', more)
    }
    more()
    return
  }
  const isSignal = request.url?.endsWith('/signals') === true
  response.writeHead(isSignal ? 202 : 201, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ id: 'one', token: 'secret', peers: [] }))
}).listen(process.env.PORT)
