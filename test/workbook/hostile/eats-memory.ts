import { createServer } from 'node:http'

const tapes: Buffer[] = []
createServer(() => {
  setInterval(() => tapes.push(Buffer.alloc(32 * 1_048_576, tapes.length + 1)), 5)
}).listen(process.env.PORT)
