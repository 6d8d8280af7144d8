import { createServer } from 'node:http'

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'x-song': 'la '.repeat(400_000) })
  response.end('Harbour Radio is on the air')
}).listen(process.env.PORT)
