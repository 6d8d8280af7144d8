/**
 * A peer of lab 10 that knows nothing of simple-peer: the browser's own RTCPeerConnection, by the
 * chapter's contract alone. It runs in a page; `harbour` is what the judge calls.
 */
const MAX_WAITING_BYTES = 65_536
const CHUNK_BYTES = 11_520
const PING_EVERY_MS = 500

const channels = new Map()
const connections = new Map()
const library = new Map()
const questions = new Map()
const names = new Map()
let me
let asked = 0

globalThis.harbour = {
  /** Joins the room and calls `callee`; resolves when the channel with it is open. */
  async join({ room, name, callee, titles }) {
    for (const [title, base64] of Object.entries(titles)) library.set(title, fromBase64(base64))
    const peersUrl = `/rooms/${encodeURIComponent(room)}/peers`
    const reply = await post(peersUrl, { name })
    if (reply.status !== 201) throw new Error(`Joining was answered with ${reply.status}`)
    me = { ...(await reply.json()), name, peersUrl }
    for (const peer of me.peers) names.set(peer.name, peer.id)
    listen()
    if (!names.has(callee)) throw new Error(`${callee} is not in the room`)
    const connection = connect(names.get(callee))
    opened(names.get(callee), connection.createDataChannel('harbour'))
    await connection.setLocalDescription(await connection.createOffer())
    signal(names.get(callee), connection.localDescription.toJSON())
    await until(channels.get(callee), 'open')
  },

  /** Asks the peer of that name; resolves with `{status, base64, frames, largestFrame}`. */
  ask(name, path) {
    const id = `page-${(asked += 1)}`
    return new Promise((resolve) => {
      questions.set(id, { resolve, parts: [], frames: 0, largestFrame: 0 })
      channels.get(name).send(JSON.stringify({ type: 'request', id, path }))
    })
  },
}

function listen() {
  const inbox = new EventSource(`${me.peersUrl}/${me.id}/inbox?token=${encodeURIComponent(me.token)}`)
  inbox.addEventListener('joined', ({ data }) => names.set(JSON.parse(data).name, JSON.parse(data).id))
  inbox.addEventListener('signal', ({ data }) => {
    const { from, data: signalled } = JSON.parse(data)
    void take(from, signalled)
  })
}

/** Signals are handled one after the other: a candidate is of no use before the description. */
let lastSignal = Promise.resolve()
function take(from, data) {
  return (lastSignal = lastSignal.then(() => apply(from, data)).catch((error) => console.error(error)))
}

async function apply(from, data) {
  const connection = connections.get(from) ?? connect(from)
  if (data.candidate) {
    if (connection.remoteDescription) await connection.addIceCandidate(data.candidate)
    else connection.early.push(data.candidate)
    return
  }
  await connection.setRemoteDescription(data)
  for (const candidate of connection.early.splice(0)) await connection.addIceCandidate(candidate)
  if (data.type !== 'offer') return
  await connection.setLocalDescription(await connection.createAnswer())
  signal(from, connection.localDescription.toJSON())
}

function connect(id) {
  const connection = new RTCPeerConnection({ iceServers: [] })
  connection.early = []
  connections.set(id, connection)
  connection.onicecandidate = ({ candidate }) => {
    if (!candidate || candidate.candidate === '') return
    const { candidate: line, sdpMLineIndex, sdpMid } = candidate
    signal(id, { type: 'candidate', candidate: { candidate: line, sdpMLineIndex, sdpMid } })
  }
  connection.ondatachannel = ({ channel }) => opened(id, channel)
  return connection
}

let lastPost = Promise.resolve()
/** Posted one after the other, so that they arrive in the order they were made. */
function signal(to, data) {
  lastPost = lastPost.then(() => post(`${me.peersUrl}/${to}/signals`, { data }, me.token))
}

function opened(id, channel) {
  const [name] = [...names].find(([, known]) => known === id) ?? [id]
  channels.set(name, channel)
  channel.binaryType = 'arraybuffer'
  channel.bufferedAmountLowThreshold = MAX_WAITING_BYTES / 2
  channel.onmessage = ({ data }) => receive(channel, data)
  const pings = setInterval(() => channel.readyState === 'open' && send(channel, { type: 'ping' }), PING_EVERY_MS)
  channel.onclose = () => clearInterval(pings)
}

function receive(channel, data) {
  const text = typeof data === 'string' ? data : new TextDecoder().decode(data)
  const frame = JSON.parse(text)
  if (frame.type === 'ping') send(channel, { type: 'pong' })
  if (frame.type === 'request') void answer(channel, frame)
  if (frame.type === 'response') gather(frame, new TextEncoder().encode(text).length)
}

async function answer(channel, { id, path }) {
  const { status, body } = find(path)
  let sent = 0
  do {
    if (channel.bufferedAmount > MAX_WAITING_BYTES) await until(channel, 'bufferedamountlow')
    const part = body.subarray(sent, sent + CHUNK_BYTES)
    sent += part.length
    send(channel, { type: 'response', id, status, chunk: toBase64(part), done: sent === body.length })
  } while (sent < body.length)
}

function find(path) {
  const title = /^\/library\/([^/]+)$/.exec(path)?.[1]
  if (path === '/about') return { status: 200, body: utf8({ name: me.name }) }
  const body = title === undefined ? undefined : library.get(decodeURIComponent(title))
  return body ? { status: 200, body } : { status: 404, body: utf8({ error: `${me.name} has nothing at ${path}` }) }
}

function gather({ id, status, chunk, done }, bytes) {
  const question = questions.get(id)
  if (!question) return
  question.parts.push(fromBase64(chunk))
  question.frames += 1
  question.largestFrame = Math.max(question.largestFrame, bytes)
  if (!done) return
  questions.delete(id)
  const { parts, frames, largestFrame, resolve } = question
  resolve({ status, base64: toBase64(joined(parts)), frames, largestFrame })
}

function send(channel, frame) {
  channel.send(JSON.stringify(frame))
}

function post(url, json, token) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(json) })
}

function until(target, event) {
  return new Promise((resolve) => target.addEventListener(event, resolve, { once: true }))
}

function utf8(value) {
  return new TextEncoder().encode(JSON.stringify(value))
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function toBase64(bytes) {
  let text = ''
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(text)
}

function fromBase64(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}
