import express from 'express'

interface Show {
  id: string
  title: string
  minutes: number
}

const port = Number(process.env.PORT ?? 3000)
const shows: Show[] = []
const app = express()

app.get('/shows', (request, response) => {
  response.json(shows)
})

// TODO(1): POST /shows adds a show. Give it an id, answer 201 with Location and the show.
//          express.json() reads a body, once it is told to.

// TODO(2): GET /shows/:id and DELETE /shows/:id.

// TODO(3): refuse what is not a show: 415, 400, 413 and 422. The chapter's contract says when.

// TODO(4): a known path with another method: 405 with Allow.

// TODO(5): after all routes: 404 as JSON, and a handler for errors, so that no answer is HTML.

app.listen(port, '127.0.0.1', () => {
  console.log(`The guide is at http://localhost:${port}/shows`)
})
