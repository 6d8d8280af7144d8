import { spawn } from 'node:child_process'
import { createServer } from 'node:http'

// Neither the group nor the environment of its parent: only the family tree tells whose child it is.
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', process.env.HOSTILE ?? ''], { detached: true, stdio: 'ignore', env: {} }).unref()
createServer((_request, response) => response.end('off the air')).listen(process.env.PORT)
