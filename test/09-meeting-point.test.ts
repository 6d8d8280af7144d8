import { lab } from './harness/lab.ts'
import { joining } from './09-meeting-point/joining.ts'
import { carrying } from './09-meeting-point/carrying.ts'
import { inboxes } from './09-meeting-point/inboxes.ts'
import { brokenLines } from './09-meeting-point/broken-lines.ts'
import { rooms } from './09-meeting-point/rooms.ts'
import { leaving } from './09-meeting-point/leaving.ts'
import { names } from './09-meeting-point/names.ts'
import { refusals } from './09-meeting-point/refusals.ts'
import { afterwards } from './09-meeting-point/afterwards.ts'

// Nobody is to leave in the middle of a check because the machine is busy; where leaving is tried, a copy has another time.
lab({ title: 'The meeting point', program: 'server', env: { LEAVE_MS: '5000' }, copies: 3 })

joining()
carrying()
inboxes()
brokenLines()
rooms()
leaving()
names()
refusals()
afterwards()
