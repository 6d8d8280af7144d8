import { createServer } from 'node:http'

const = createServer((_request, response) => response.end('Harbour Radio is on the air'))
server.listen(process.env.PORT)
