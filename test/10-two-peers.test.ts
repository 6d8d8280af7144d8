import { lab } from './harness/lab.ts'
import { silence } from './10-two-peers/silence.ts'
import { http } from './10-two-peers/http.ts'
import { calls } from './10-two-peers/calls.ts'
import { questions } from './10-two-peers/questions.ts'
import { transfers } from './10-two-peers/transfers.ts'
import { signsOfLife } from './10-two-peers/signs-of-life.ts'
import { comingBack } from './10-two-peers/coming-back.ts'
import { network } from './10-two-peers/network.ts'

lab({
  title: 'Two equals',
  program: 'peer',
  concurrent: true,
  copies: 4,
  // What fails in company is judged once more, alone, and on a busy machine that takes its time.
  runMs: 120_000,
})

silence()
http()
calls()
questions()
transfers()
signsOfLife()
comingBack()
network()
