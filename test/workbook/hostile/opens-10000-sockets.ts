import { connect, type Socket } from 'node:net'
import { createServer } from 'node:http'

const sockets: Socket[] = []
createServer((_request, response) => response.end('off the air')).listen(process.env.PORT, () => {
  for (let count = 0; count < 10_000; count += 1) {
    sockets.push(connect(Number(process.env.PORT), '127.0.0.1').on('error', () => undefined))
  }
})
