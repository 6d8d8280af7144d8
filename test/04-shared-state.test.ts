import { lab } from './harness/lab.ts'
import { tags } from './04-shared-state/tags.ts'
import { conditions } from './04-shared-state/conditions.ts'
import { oneWinner } from './04-shared-state/one-winner.ts'
import { noLostUpdate } from './04-shared-state/no-lost-update.ts'
import { refusals } from './04-shared-state/refusals.ts'
import { uploads } from './04-shared-state/uploads.ts'
import { replays } from './04-shared-state/replays.ts'
import { keys } from './04-shared-state/keys.ts'

// A server with a slow store of its own takes 45 s on a busy machine.
lab({ title: 'One copy, many hands', program: 'server', runMs: 90_000 })

tags()
conditions()
oneWinner()
noLostUpdate()
refusals()
uploads()
replays()
keys()
