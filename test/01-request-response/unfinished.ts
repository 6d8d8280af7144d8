import { check, chunk, hasArrived, LAST_CHUNK, rawJson, rawRequest } from '../harness/lab.ts'
import type { CheckContext, Client } from '../harness/lab.ts'
import { guide, inChunks, isAsBefore, newShow, pathOf, taken } from './shows.ts'
import type { Show } from './shows.ts'

/** Requests that come slowly, or never whole. */
export function unfinished(): void {
  check('slow-sender', 'A request that stalls, in its head or in its body, delays nobody else', {
    hints: [
      'One client on a bad line sends half a request and pauses. While the server waits for the rest, it is free to serve the others.',
      'See “Nobody waits for the slow one”.',
      'Does something let one request in at a time: a queue, a lock, a read that blocks? Wait for each head and each body by itself.',
    ],
  }, async ({ client, random, note }) => {
    const path = pathOf(await client.post('/shows', { json: newShow(random) }))
    const body = JSON.stringify(newShow(random))
    const connection = await client.connect()
    await connection.send(rawJson('POST', '/shows', body).slice(0, -10))
    await hasArrived(client, '/shows')
    note('half of an upload is sent, and now it stalls')
    const read = await client.get('/shows', { withinMs: 2_000 })
    read.hasStatus(200)
    const written = await client.post('/shows', { json: newShow(random), withinMs: 2_000 })
    written.hasStatus(taken)
    for (const method of ['GET', 'DELETE']) await client.request(method, path, { withinMs: 2_000 })
    note('the slow one sends the rest')
    await connection.send(body.slice(-10))
    const reply = await connection.reply()
    reply.hasStatus(taken)
    for (const [where, first, rest] of stalls(newShow(random))) await stallsAlone(client, note, where, [first, rest])
  })

  check('aborted-upload', 'A body that ends before it is complete leaves nothing in the guide, and the server lives', {
    hints: [
      'The connection can end at any byte. What came until then may even be valid JSON; the sender never finished, so nothing was sent.',
      'See “A packet is not a request”, on where a body ends.',
      'Store the show when the body is complete: as many bytes as announced, or the last chunk. The end of the connection is no such sign. The process ends? A reset is an error of the connection: somebody has to listen for it.',
    ],
  }, async (context) => {
    const { client, random, note, sleep } = context
    const before = await guide(client)
    const [counted, body] = [JSON.stringify(newShow(random)), JSON.stringify(newShow(random))]
    const uploads = [
      rawJson('POST', '/shows', counted, { 'Content-Length': String(counted.length + 40) }),
      rawRequest('POST', '/shows', inChunks, chunk(body)),
    ]
    // First, so that a program which ends of it has ended before the check has.
    for (const upload of uploads) {
      const connection = await client.connect()
      await connection.send(upload)
      // By now it has come. Who waits for an answer instead blames a server that serves one at a time, a matter of `slow-sender`.
      await sleep(50)
      note('the upload breaks off before its end, by a reset')
      connection.reset()
    }
    for (const upload of uploads) {
      const connection = await client.connect()
      await connection.send(upload)
      note('the upload breaks off before its end')
      connection.end()
      await connection.closed({ withinMs: 1_000 }).catch(() => note('the server keeps the connection open'))
    }
    await isAsBefore(context, before)
  })
}

/** Where else than in a counted body a request may stall: its first bytes, and the rest. */
function stalls(show: Omit<Show, 'id'>): [where: string, first: string, rest: string][] {
  const body = JSON.stringify(show)
  const counted = rawJson('POST', '/shows', body)
  const chunked = rawRequest('POST', '/shows', inChunks, chunk(body) + LAST_CHUNK)
  const [inHead, inChunk] = ['POST /shows HTT'.length, chunked.indexOf(body) + 5]
  return [
    ['in its first line', counted.slice(0, inHead), counted.slice(inHead)],
    ['in a chunk', chunked.slice(0, inChunk), chunked.slice(inChunk)],
  ]
}

/** Sends the first bytes of a request, sees that another client is served, and then sends the rest. */
async function stallsAlone(client: Client, note: CheckContext['note'], where: string, [first, rest]: [string, string]): Promise<void> {
  const connection = await client.connect()
  await connection.send(first)
  note(`this request stalls ${where}`)
  await hasArrived(client, '/shows')
  const read = await client.get('/shows', { withinMs: 2_000 })
  read.hasStatus(200)
  note('and its sender sends the rest')
  await connection.send(rest)
  const reply = await connection.reply()
  reply.hasStatus(taken)
}
