import { createServer } from 'node:http'

const line = `${'la '.repeat(340)}\n`
for (let bytes = 0; bytes < 50_000_000; bytes += line.length) process.stdout.write(line)
createServer((_request, response) => response.end('off the air')).listen(process.env.PORT)
