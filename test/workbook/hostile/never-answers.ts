import { createServer } from 'node:http'

createServer(() => undefined).listen(process.env.PORT)
