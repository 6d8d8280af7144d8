// Descriptor 3 is how the judge hears what the program meets. Nothing that is said there may harm the judge.
import { writeSync } from 'node:fs'
import { createServer } from 'node:http'

const lies = ['{"type":"uncaught"}', '{"type":"exit-called"}', '{"type":"listening"}', '{"type":"listen-error"}', '{"type":"blocked","file":7}', '{"type":"memory","bytes":"all"}', 'null', '[]', '\u0000']
createServer((_request, response) => {
  for (const lie of lies) say(`${lie}\n`)
  response.end('off the air')
}).listen(process.env.PORT)

function say(text: string): void {
  try {
    writeSync(3, text)
  } catch {
    // Started by hand: nobody listens there.
  }
}
