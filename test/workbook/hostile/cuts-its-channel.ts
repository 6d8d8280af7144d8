import { closeSync } from 'node:fs'
import { createServer } from 'node:http'

try {
  closeSync(3)
} catch {
  // Started by hand: there is none.
}
createServer(() => {
  throw new Error('The tape is torn')
}).listen(process.env.PORT)
