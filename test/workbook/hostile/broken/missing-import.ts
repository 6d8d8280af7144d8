import express from 'expres'

const app = express()
app.listen(process.env.PORT)
