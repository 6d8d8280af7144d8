import { statSync } from 'node:fs'
import { ROOT, relativePath } from '../labs.ts'
import type { Bounds, Launcher, Program, StartRequest } from '../types/index.ts'
import { commandAttempt, fileAttempt, sendOrder, startNode } from './attempt.ts'
import type { Attempt } from './attempt.ts'
import { DEFAULT_BOUNDS } from './bounds.ts'
import { programElsewhere } from './elsewhere.ts'
import { nothingRuns } from './nothing-runs.ts'
import { takePort } from './ports.ts'
import { startProgram } from './program.ts'
import { createSpares } from './spares.ts'

export interface LauncherOptions {
  /** What differs from {@link DEFAULT_BOUNDS}. */
  bounds?: Partial<Bounds>
  /** The workbook's folder, absolute: messages name files from there. */
  root?: string
  /** False: files are plain JavaScript already, and cold starts do without a compiler. Default true. */
  compiles?: boolean
}

/**
 * Owns learners' processes: starts them, cold or from a waiting spare, tells why one does not work, and leaves
 * nothing behind. Call `close()` in the end; short of that, everything ends with this process.
 */
export function createLauncher(options: LauncherOptions = {}): Launcher {
  const bounds: Bounds = { ...DEFAULT_BOUNDS, ...options.bounds }
  const root = options.root ?? ROOT
  const spares = createSpares(bounds)
  const running = new Set<Program>()
  let isClosed = false

  async function start(request: StartRequest): Promise<Program> {
    const { target } = request
    if (target.kind === 'url') return programElsewhere(target.url)
    if (target.kind === 'file' && !isFile(target.file)) return noSuchFile(relativePath(target.file, root))
    const program: Program = await startProgram({
      begin: () => beginAttempt(request),
      bounds,
      root,
      ...(target.kind === 'file'
        ? { name: relativePath(target.file, root), file: target.file }
        : { name: target.command.join(' ') }),
      onStopped() {
        running.delete(program)
        if (running.size === 0) spares.replenish()
      },
    })
    running.add(program)
    if (isClosed) await program.stop()
    return program
  }

  async function beginAttempt(request: StartRequest): Promise<Attempt> {
    const { target, cwd, warm = true } = request
    const port = await takePort()
    if (target.kind === 'command') return commandAttempt(target.command, request, port, bounds)
    if (target.kind === 'url') throw new TypeError('A program at a URL is not started here')
    const spare = warm ? spares.take(request) : undefined
    return fileAttempt(spare ?? startCold(target.file, cwd), request, port, bounds)
  }

  function startCold(file: string, cwd: string): ReturnType<typeof startNode> {
    const process = startNode(file, cwd, bounds, options.compiles ?? true)
    sendOrder(process, [])
    return process
  }

  return {
    start,
    prepare: spares.prepare,
    async close() {
      isClosed = true
      await Promise.all([spares.close(), ...[...running].map((program) => program.stop())])
    },
  }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
}

function noSuchFile(name: string): Program {
  return nothingRuns({
    code: 'no-such-file',
    title: `There is no file ${name}.`,
    hint: 'Look at the spelling of its name and at the folder that it is in.',
    file: name,
  })
}
