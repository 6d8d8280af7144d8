// It serves its user and joins the room, but leaves every call unanswered.
import { createServer } from 'node:http'

const { PORT, SIGNAL_URL, ROOM, NAME } = process.env
createServer((request, response) => {
  response.writeHead(request.method === 'PUT' ? 204 : 200, { 'content-type': 'application/json' })
  response.end(request.url === '/about' ? JSON.stringify({ name: NAME }) : '[]')
}).listen(PORT)

const peersUrl = `${SIGNAL_URL}/rooms/${ROOM}/peers`
const joined = await fetch(peersUrl, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ name: NAME }),
})
const { id, token } = (await joined.json()) as { id: string; token: string }
const inbox = await fetch(`${peersUrl}/${id}/inbox?token=${token}`)
for await (const bytes of inbox.body ?? []) void bytes
