import { createServer } from 'node:http'

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' })
  const more = (): void => {
    while (response.write('la '.repeat(20_000)));
    response.once('drain', more)
  }
  more()
}).listen(process.env.PORT)
