import { createServer } from 'node:net'

createServer((socket) => {
  socket.on('error', () => undefined)
  socket.write('220 harbour.example ready\r\n')
}).listen(process.env.PORT)
