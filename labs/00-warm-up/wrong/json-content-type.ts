// Rejected by: says-on-air, content-type
import express from 'express'

const port = Number(process.env.PORT ?? 3000)
const app = express()

app.get('/', (request, response) => {
  response.json('Harbour Radio is on the air')
})

// Express answers 404 by itself where no route fits.

app.listen(port, '127.0.0.1', () => {
  console.log(`Harbour Radio listens on http://localhost:${port}`)
})
