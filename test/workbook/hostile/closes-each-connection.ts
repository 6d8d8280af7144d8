// Right: HTTP lets a server close after each answer.
import { createServer } from 'node:http'

createServer((request, response) => {
  const isHome = request.url === '/' && request.method === 'GET'
  response.writeHead(isHome ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' })
  response.end(isHome ? 'Harbour Radio is on the air' : 'Nothing here')
}).listen(process.env.PORT)
