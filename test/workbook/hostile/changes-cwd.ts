import { mkdtempSync, rmdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'studio-'))
process.chdir(folder)
// The folder that it is in is gone: even asking for it throws from now on.
if (process.platform !== 'win32') rmdirSync(folder)

createServer(() => {
  throw new Error('The tape is torn')
}).listen(process.env.PORT)
