import { spawn } from 'node:child_process'
import { createServer } from 'node:http'

spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }).unref()
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
createServer((_request, response) => response.end('off the air')).listen(process.env.PORT)
