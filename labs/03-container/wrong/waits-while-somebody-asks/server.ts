// Rejected by: idle-connections
import express from 'express'
import type { RequestHandler } from 'express'
import { highWater } from 'tide-tables'

const port = Number(process.env.PORT ?? 3000)
const host = process.env.HOST ?? '0.0.0.0'
const warmupMs = Number(process.env.WARMUP_MS ?? 0)
const graceMs = Number(process.env.GRACE_MS ?? 5_000)
const station = process.env.STATION ?? ''

if (station === '') {
  console.error('STATION is missing: set it to the name of the station, as in STATION="Harbour Radio".')
  process.exit(1)
}

let isWarm = warmupMs <= 0
let isStopping = false
const app = express()

// To stdout and not to a file: who runs the container decides where its lines go.
const logRequest: RequestHandler = (request, response, next) => {
  response.on('finish', () => {
    console.log(`${request.method} ${request.originalUrl} ${response.statusCode}`)
  })
  next()
}

// A request that comes after SIGTERM can only come on a connection that was open before.
const refuseWhenStopping: RequestHandler = (request, response, next) => {
  if (!isStopping) return next()
  response.status(503).type('text/plain').send('The station is closing down.')
}

app.use(logRequest)
app.use(refuseWhenStopping)

app.get('/', (request, response) => {
  response.type('text/plain').send(`${station} is on the air`)
})

// Alive: the process answers at all. Nothing else is asked, so a busy database never gets it killed.
app.get('/livez', (request, response) => {
  response.type('text/plain').send('alive')
})

// Ready: send me requests. `refuseWhenStopping` says no for the time after SIGTERM.
app.get('/readyz', (request, response) => {
  response.status(isWarm ? 200 : 503).type('text/plain').send(isWarm ? 'ready' : 'warming up')
})

app.get('/tide', (request, response) => {
  response.json(highWater())
})

app.get('/slow', (request, response) => {
  setTimeout(() => {
    response.type('text/plain').send('At last.')
  }, Number(request.query.ms ?? 0))
})

const server = app.listen(port, host, () => {
  console.log(`${station} listens on ${host}:${port}`)
})

setTimeout(() => {
  isWarm = true
}, warmupMs)

function stop(): void {
  if (isStopping) return
  isStopping = true
  // New connections are refused from here on. The callback waits for the last connection to close.
  server.close(() => process.exit(0))
  server.keepAliveTimeout = 500
  // A client that never takes its answer must not keep the old version running.
  setTimeout(() => process.exit(0), graceMs)
}

process.on('SIGTERM', stop)
