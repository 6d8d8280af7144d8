// Right, once: the next run finds no file.
import { unlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

unlinkSync(fileURLToPath(import.meta.url))
createServer((request, response) => {
  const isHome = request.url === '/' && request.method === 'GET'
  response.writeHead(isHome ? 200 : 404, { 'content-type': 'text/plain' })
  response.end(isHome ? 'Harbour Radio is on the air' : 'Nothing here')
}).listen(process.env.PORT)
