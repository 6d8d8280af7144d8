// Rejected by: says-on-air
import express from 'express'

const port = Number(process.env.PORT ?? 3000)
const app = express()

let listeners = 0

app.get('/', (request, response) => {
  // Without type(), Express would call the text a web page: text/html.
  response.type('text/plain').send(listeners++ < 2 ? 'Harbour Radio is on the air' : 'Harbour Radio is off the air')
})

// Express answers 404 by itself where no route fits.

app.listen(port, '127.0.0.1', () => {
  console.log(`Harbour Radio listens on http://localhost:${port}`)
})
