import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { plainAttempt } from '../launcher/attempt.ts'
import type { Attempt } from '../launcher/attempt.ts'
import { DEFAULT_BOUNDS } from '../launcher/bounds.ts'
import { MARK_VARIABLE } from '../launcher/environment.ts'
import { nothingRuns } from '../launcher/nothing-runs.ts'
import { takePort } from '../launcher/ports.ts'
import { startProgram } from '../launcher/program.ts'
import { ROOT } from '../labs.ts'
import type { Problem, Program } from '../types/index.ts'
import { homeOf } from './base.ts'
import { BASE_PROGRAMS } from './base-folders.ts'
import type { BuiltImage } from './build.ts'
import type { RoomCommand, RoomRequest } from './rooms/room.ts'
import { keyOf } from './tree.ts'
import { ownerOf } from './users.ts'

export interface RunOptions {
  image: BuiltImage
  /** The way into a room. */
  enter: (request: RoomRequest) => RoomCommand | Promise<RoomCommand>
  /** Wins over the image's own ENV. */
  env: Readonly<Record<string, string>>
  isReadOnly: boolean
  /** Where the folders of runs are made. */
  scratchFolder: string
}

/** A running image. */
export interface RunningImage {
  program: Program
  /** Its root file system on this machine, where there is one to look at. */
  root?: string
  /** After the program has been stopped. */
  cleanUp(): Promise<void>
}

/** Starts an image in a room. A signal goes to its process 1 alone, as from an engine; SIGKILL goes to all of it. */
export async function runImage(options: RunOptions): Promise<RunningImage> {
  const { image, enter } = options
  const argv = commandOf(image)
  const missing = whatIsMissing(argv, image)
  if (missing !== undefined) return { program: nothingRuns(missing), cleanUp: async () => undefined }
  const { uid, gid } = ownerOf(image.state.user === '' ? 'root' : image.state.user)
  mkdirSync(options.scratchFolder, { recursive: true })
  const scratch = mkdtempSync(join(options.scratchFolder, 'image-'))
  let entered: RoomCommand | undefined
  const cleanUp = async (): Promise<void> => {
    await entered?.cleanUp?.()
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
  }
  const begin = async (): Promise<Attempt> => {
    const port = await takePort()
    const env = { ...Object.fromEntries(image.state.env), HOME: homeOf(uid), ...options.env, PORT: String(port) }
    // A port lost to somebody else means a second attempt, in a folder of its own.
    const folder = mkdtempSync(join(scratch, 'run-'))
    entered = await enter({ image, argv, env, uid, gid, isReadOnly: options.isReadOnly, scratch: folder })
    return attemptOf(entered, port)
  }
  try {
    const program = await startProgram({ begin, bounds: DEFAULT_BOUNDS, root: ROOT, name: argv.join(' '), onStopped: () => undefined })
    return { program, cleanUp, ...(entered?.root !== undefined && { root: entered.root }) }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

/** An attempt whose signals reach process 1 of the room and nobody else. */
function attemptOf(entered: RoomCommand, port: number): Attempt {
  const environment = (mark: string): Record<string, string> => ({ ...entered.env, [MARK_VARIABLE]: mark })
  const attempt = plainAttempt([entered.command, ...entered.args], entered.cwd, environment, port, DEFAULT_BOUNDS)
  const group = attempt.process
  const signal = (name: NodeJS.Signals): boolean => {
    if (name === 'SIGKILL' || process.platform === 'win32') return group.signal(name)
    return signalOne(entered.inner === undefined ? group.pid : entered.inner(group.pid), name)
  }
  return { ...attempt, process: { ...group, signal } }
}

function signalOne(pid: number | undefined, name: NodeJS.Signals): boolean {
  try {
    return pid !== undefined && pid !== 0 && process.kill(pid, name)
  } catch {
    return false
  }
}

/** ENTRYPOINT and CMD together. The shell form of ENTRYPOINT takes no CMD. */
function commandOf({ state }: BuiltImage): readonly string[] {
  const isShell = state.entrypoint?.[0] === '/bin/sh' && state.entrypoint[1] === '-c'
  return [...(state.entrypoint ?? []), ...(isShell ? [] : state.cmd ?? [])]
}

function whatIsMissing(argv: readonly string[], { state, tree }: BuiltImage): Problem | undefined {
  const [program = ''] = argv
  if (program === '') {
    return {
      code: 'cannot-start',
      title: 'The image does not say what to run: it has neither CMD nor ENTRYPOINT.',
      hint: 'Say it in the last line of the Dockerfile.',
    }
  }
  const inBase = BASE_PROGRAMS.some((path) => path === program || path.endsWith(`/${program}`))
  const inImage = tree.has(keyOf(program.includes('/') ? posix.resolve(state.workdir, program) : `usr/local/bin/${program}`))
  if (inBase || inImage) return undefined
  return {
    code: 'cannot-start',
    title: `The image has no "${program}" to run: its command is ${JSON.stringify(argv)}.`,
    hint: 'While it runs, the base image of this workbook has node and sh, and nothing else: start node itself.',
  }
}
