// Interim answers may come before the answer; here they are all that comes.
import { createServer } from 'node:net'

createServer((socket) => {
  const more = (): void => {
    while (socket.write('HTTP/1.1 102 Processing\r\n\r\n'));
    socket.once('drain', more)
  }
  socket.on('error', () => undefined)
  socket.once('data', more)
}).listen(process.env.PORT)
