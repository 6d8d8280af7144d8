// Linked, it talks nonsense as fast as the channel takes it, and listens to nobody.
import { createServer } from 'node:http'
import { createPeer } from '../../../../labs/shared/webrtc.ts'
import type { Peer, Signal } from '../../../../labs/shared/webrtc.ts'

const { PORT, SIGNAL_URL, ROOM, NAME } = process.env
const linked = new Map<string, string>()
createServer((request, response) => {
  response.writeHead(request.method === 'PUT' ? 204 : 200, { 'content-type': 'application/json' })
  const peers = [...linked].map(([id, name]) => ({ id, name }))
  response.end(JSON.stringify(request.url === '/peers' ? peers : { name: NAME }))
}).listen(PORT)

const peersUrl = `${SIGNAL_URL}/rooms/${ROOM}/peers`
const headers = { 'content-type': 'application/json' }
const joined = await fetch(peersUrl, { method: 'POST', headers, body: JSON.stringify({ name: NAME }) })
const { id, token } = (await joined.json()) as { id: string; token: string }
const calls = new Map<string, Peer>()
const names = new Map<string, string>()

function answer(from: string): Peer {
  const peer = createPeer({ initiator: false })
  peer.on('signal', (data: Signal) => {
    const post = { method: 'POST', headers: { ...headers, authorization: `Bearer ${token}` }, body: JSON.stringify({ data }) }
    void fetch(`${peersUrl}/${from}/signals`, post).catch(() => undefined)
  })
  peer.on('error', () => undefined)
  peer.on('connect', () => {
    linked.set(from, names.get(from) ?? '')
    setInterval(() => {
      for (let count = 0; count < 100 && peer.connected; count += 1) peer.send('la '.repeat(4_000))
    }, 5)
  })
  return peer
}

const inbox = await fetch(`${peersUrl}/${id}/inbox?token=${token}`)
const decoder = new TextDecoder()
let text = ''
for await (const bytes of inbox.body ?? []) {
  const events = (text + decoder.decode(bytes as Uint8Array, { stream: true })).split('\n\n')
  text = events.pop() ?? ''
  for (const event of events) {
    const data = JSON.parse(/^data: ?(.*)$/m.exec(event)?.[1] ?? '{}') as { id: string; name: string; from: string; data: Signal }
    if (event.includes('event: joined')) names.set(data.id, data.name)
    if (!event.includes('event: signal')) continue
    const peer = calls.get(data.from) ?? answer(data.from)
    calls.set(data.from, peer)
    peer.signal(data.data)
  }
}
