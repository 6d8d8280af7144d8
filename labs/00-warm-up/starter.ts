import express from 'express'

const port = Number(process.env.PORT ?? 3000)
const app = express()

app.get('/', (request, response) => {
  // TODO(1): the listeners wait for another word.
  response.type('text/plain').send('Harbour Radio is off the air')
})

app.listen(port, '127.0.0.1', () => {
  console.log(`Harbour Radio listens on http://localhost:${port}`)
})
