import { createServer } from 'node:http'

process.on('SIGTERM', () => console.log('not now'))
createServer((_request, response) => response.end('off the air')).listen(process.env.PORT)
