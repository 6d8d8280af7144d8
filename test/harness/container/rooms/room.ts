import type { TierName } from '../../types/index.ts'
import type { BuiltImage } from '../build.ts'

/** What is to run in a room. */
export interface RoomRequest {
  image: BuiltImage
  /** ENTRYPOINT and CMD. */
  argv: readonly string[]
  /** The whole environment, PORT and all. */
  env: Readonly<Record<string, string>>
  uid: number
  gid: number
  /** True: nothing but /tmp can be written, where the room can see to that. */
  isReadOnly: boolean
  /** A folder of this run, empty and outside the workbook. */
  scratch: string
}

/** How to start it from here. */
export interface RoomCommand {
  command: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
  cwd: string
  /** Whom a signal is for: process 1 of the room, given the pid of the command. Default: the command itself. */
  inner?: (pid: number) => number | undefined
  /** The root of the room on this machine, where a run can leave something. */
  root?: string
  /** After the end. */
  cleanUp?: () => Promise<void>
}

/** One way to run an image on this machine. */
export interface Room {
  name: TierName
  /** True: the image is the whole root file system, and the program is process 1. */
  isWholeRoot: boolean
  /** In words, for a remark: what a right-looking program may still do wrong in it. */
  cannotSee: string
  enter(request: RoomRequest): RoomCommand
}
