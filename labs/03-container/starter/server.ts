import express from 'express'
import { highWater } from 'tide-tables'

const port = Number(process.env.PORT ?? 3000)

// TODO(1): HOST says on which address to listen: 0.0.0.0 by default, which is every address.
const host = '127.0.0.1'

// TODO(2): STATION is required. Missing or empty: a sentence that names it on stderr, and an exit code that is not 0.
const station = 'A station without a name'

const app = express()

// TODO(3): one line a request on stdout, with its path.

app.get('/', (request, response) => {
  response.type('text/plain').send(`${station} is on the air`)
})

app.get('/livez', (request, response) => {
  response.type('text/plain').send('alive')
})

// TODO(4): 503 until WARMUP_MS (default 0) have passed since the start, then 200, and 503 again from SIGTERM on.
app.get('/readyz', (request, response) => {
  response.type('text/plain').send('ready')
})

app.get('/tide', (request, response) => {
  response.json(highWater())
})

app.get('/slow', (request, response) => {
  setTimeout(() => {
    response.type('text/plain').send('At last.')
  }, Number(request.query.ms ?? 0))
})

app.listen(port, host, () => {
  console.log(`${station} listens on ${host}:${port}`)
})

// TODO(5): SIGTERM. Refuse new requests, answer those in flight, close idle connections, and end with 0.

// TODO(6): GRACE_MS (default 5000) after SIGTERM the program ends, whoever is still connected.
//          Then the Dockerfile and .dockerignore: their TODOs go on from here.
