import { lab } from './harness/lab.ts'
import { PRESENTERS } from './02-authentication/people.ts'
import { accounts } from './02-authentication/accounts.ts'
import { signingIn } from './02-authentication/sign-in.ts'
import { whoMay } from './02-authentication/who-may.ts'
import { ends } from './02-authentication/ends.ts'
import { forgeries } from './02-authentication/forgeries.ts'
import { hashing } from './02-authentication/hashing.ts'
import { crowds } from './02-authentication/crowds.ts'
import { refusals } from './02-authentication/refusals.ts'

lab({ title: 'Who is asking?', program: 'server', env: { PRESENTERS: PRESENTERS.join(',') }, copies: 1 })

accounts()
signingIn()
whoMay()
ends()
forgeries()
hashing()
crowds()
refusals()
