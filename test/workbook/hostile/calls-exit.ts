import { createServer } from 'node:http'

const server = createServer((_request, response) => response.end('Harbour Radio is on the air'))
if (process.env.STATION === undefined) process.exit(3)
server.listen(process.env.PORT)
