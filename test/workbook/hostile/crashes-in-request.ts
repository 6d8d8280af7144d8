import { createServer } from 'node:http'

createServer((request, response) => {
  const guide = new Map<string, string[]>()
  response.end(guide.get(request.url ?? '')!.join(', '))
}).listen(process.env.PORT)
