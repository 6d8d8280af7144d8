import { createServer } from 'node:http'

createServer((_request, response) => response.end('Harbour Radio is on the air')).listen(Number(process.env.PORT) + 1)
