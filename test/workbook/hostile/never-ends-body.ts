import { createServer } from 'node:http'

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.write('Harbour Radio is on the air')
}).listen(process.env.PORT)
