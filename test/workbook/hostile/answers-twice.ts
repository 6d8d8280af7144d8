import { createServer } from 'node:net'

const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\noff the air'
createServer((socket) => {
  socket.on('error', () => undefined)
  socket.on('data', () => socket.write(answer + answer))
}).listen(process.env.PORT)
