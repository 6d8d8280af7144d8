// Right: a program has ten seconds until it must listen.
import { createServer } from 'node:http'

setTimeout(() => {
  createServer((request, response) => {
    const isHome = request.url === '/' && request.method === 'GET'
    response.writeHead(isHome ? 200 : 404, { 'content-type': 'text/plain' })
    response.end(isHome ? 'Harbour Radio is on the air' : 'Nothing here')
  }).listen(process.env.PORT)
}, 9_000)
