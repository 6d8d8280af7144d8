import { createServer } from 'node:http'

createServer((_request, response) => {
  void Promise.reject(new Error('The tape is torn'))
  setTimeout(() => response.end('Harbour Radio is on the air'), 20)
}).listen(process.env.PORT)
