// A thread that ends while WebRTC runs in it takes the whole process along: nothing is thrown, nothing is caught.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

const thread = `
  const { RTCPeerConnection } = require(${JSON.stringify(createRequire(import.meta.url).resolve('wrtc'))})
  const connection = new RTCPeerConnection()
  connection.createDataChannel('radio')
  void connection.createOffer().then((offer) => connection.setLocalDescription(offer))
  setTimeout(() => process.exit(), 50)
`
createServer(() => void new Worker(thread, { eval: true })).listen(process.env.PORT)
