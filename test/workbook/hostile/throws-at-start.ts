import { createServer } from 'node:http'

const settings = JSON.parse('{"station": ') as { station: string }
createServer((_request, response) => response.end(settings.station)).listen(process.env.PORT)
