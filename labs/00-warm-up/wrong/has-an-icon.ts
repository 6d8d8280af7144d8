// Rejected by: unknown-path-404
import express from 'express'
const port = Number(process.env.PORT ?? 3000)
const app = express()

app.get('/', (request, response) => {
  // Without type(), Express would call the text a web page: text/html.
  response.type('text/plain').send('Harbour Radio is on the air')
})

// Browsers ask for it by themselves.
app.get('/favicon.ico', (request, response) => {
  response.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg"/>')
})

// Express answers 404 by itself where no route fits.
app.listen(port, '127.0.0.1', () => {
  console.log(`Harbour Radio listens on http://localhost:${port}`)
})
