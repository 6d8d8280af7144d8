// Rejected by: other-methods
import express from 'express'
const port = Number(process.env.PORT ?? 3000)
const app = express()

app.get('/', (request, response) => {
  // Without type(), Express would call the text a web page: text/html.
  response.type('text/plain').send('Harbour Radio is on the air')
})

app.put('/', (request, response) => {
  response.sendStatus(204)
})

// Express answers 404 by itself where no route fits.
app.listen(port, '127.0.0.1', () => {
  console.log(`Harbour Radio listens on http://localhost:${port}`)
})
