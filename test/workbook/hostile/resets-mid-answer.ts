import { createServer } from 'node:net'

createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 27\r\n\r\n'
    socket.write(`${head}Harbour Radio`, () => setTimeout(() => socket.resetAndDestroy(), 50))
  })
}).listen(process.env.PORT)
