import { createServer } from 'node:net'

createServer((socket) => {
  const more = (): void => {
    while (socket.write(`X-Song: ${'la '.repeat(300)}\r\n`));
    socket.once('drain', more)
  }
  socket.on('error', () => undefined)
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\n')
    more()
  })
}).listen(process.env.PORT)
