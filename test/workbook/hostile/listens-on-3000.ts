import { createServer } from 'node:http'

createServer((_request, response) => response.end('Harbour Radio is on the air')).listen(3000)
