import { createServer } from 'node:http'

createServer((_request, response) => {
  let songs = 1
  while (songs > 0) songs = songs === 1_000 ? 1 : songs + 1
  response.end('Harbour Radio is on the air')
}).listen(process.env.PORT)
