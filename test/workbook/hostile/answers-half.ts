import { createServer } from 'node:http'

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '27' })
  response.write('Harbour Radio', () => response.destroy())
}).listen(process.env.PORT)
