import { createServer } from 'node:http'

let waiting = true
while (waiting) waiting = Date.now() > 0

createServer((_request, response) => response.end('Harbour Radio is on the air')).listen(process.env.PORT)
