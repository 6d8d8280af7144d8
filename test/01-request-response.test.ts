import { lab } from './harness/lab.ts'
import { writeAndRead } from './01-request-response/write-and-read.ts'
import { deleting } from './01-request-response/deleting.ts'
import { ids } from './01-request-response/ids.ts'
import { many } from './01-request-response/many.ts'
import { methods } from './01-request-response/methods.ts'
import { refusals } from './01-request-response/refusals.ts'
import { pieces } from './01-request-response/pieces.ts'
import { unfinished } from './01-request-response/unfinished.ts'
import { bytes } from './01-request-response/bytes.ts'
import { oddInput } from './01-request-response/odd-input.ts'

lab({ title: 'The programme guide', program: 'server', copies: 1 })

writeAndRead()
deleting()
ids()
many()
methods()
refusals()
pieces()
unfinished()
bytes()
oddInput()
