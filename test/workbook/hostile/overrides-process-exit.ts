import { createServer } from 'node:http'

const stay = (): never => undefined as never
Object.assign(process, { exit: stay, reallyExit: stay, abort: stay, kill: () => true, emit: () => true })
createServer((_request, response) => response.end('off the air')).listen(process.env.PORT)
