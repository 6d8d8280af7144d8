/** The harness's meeting point as a program of its own, on PORT: lab 09 in another style than its solution. */
import { startMeetingPoint } from './meeting-point.ts'

const point = await startMeetingPoint({
  port: Number(process.env.PORT ?? 3000),
  leaveMs: Number(process.env.LEAVE_MS ?? 2_000),
})

process.once('SIGTERM', () => void point.close().then(() => process.exit(0)))
