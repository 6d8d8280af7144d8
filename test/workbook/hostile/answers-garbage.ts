import { createServer } from 'node:net'

createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', () => socket.end('Harbour Radio is on the air, and this is not HTTP\r\n\r\n'))
}).listen(process.env.PORT)
