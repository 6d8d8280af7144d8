import { createServer } from 'node:net'

createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', () => socket.resetAndDestroy())
}).listen(process.env.PORT)
