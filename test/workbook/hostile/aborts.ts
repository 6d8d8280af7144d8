import { createServer } from 'node:http'

createServer(() => process.abort()).listen(process.env.PORT)
