import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BaseRoot } from './base.ts'
import { BASE_TREE } from './base-folders.ts'
import type { BuiltImage } from './build.ts'
import { FIRST_STATE } from './image-state.ts'
import { writeLayout } from './layout.ts'
import { findCommand } from './rooms/find-command.ts'
import type { RoomCommand, RoomRequest } from './rooms/room.ts'

/** podman or Docker, where it works. */
export interface Engine {
  name: string
  enter(request: RoomRequest): Promise<RoomCommand>
}

/** Turns off the engines, for tests of what is skipped without them: `none`. */
export const ENGINE_VARIABLE = 'WORKBOOK_ENGINE'

/** Of a container's name; the judge's process number follows. */
const NAME_PREFIX = 'harbour-radio-'

const run = promisify(execFile)

const ASK_MS = 10_000
const IMPORT_MS = 60_000

/**
 * An engine that works here. `docker --version` succeeds without one; only `info` asks it.
 * @param cacheFolder podman's images are kept apart from the reader's own
 */
export async function findEngine(base: BaseRoot, cacheFolder: string): Promise<Engine | undefined> {
  if (process.env[ENGINE_VARIABLE] === 'none') return undefined
  const found = await podmanEngine(base, cacheFolder) ?? await dockerEngine(base)
  return found !== undefined && await hasWorked(found, base, cacheFolder) ? found : undefined
}

/**
 * True when it has once run the base image alone: an engine can answer `info` and lack the right to start anything, which is no
 * fault of a learner's image.
 */
async function hasWorked(engine: Engine, base: BaseRoot, cacheFolder: string): Promise<boolean> {
  const marker = join(cacheFolder, `${engine.name}-works-${base.id}`)
  if (existsSync(marker)) return true
  const scratch = join(cacheFolder, 'run', `probe-${randomBytes(6).toString('hex')}`)
  mkdirSync(scratch, { recursive: true })
  const argv = ['node', '-e', '']
  const image: BuiltImage = { state: { ...FIRST_STATE, cmd: argv }, layers: [], history: [], tree: BASE_TREE, ran: [] }
  try {
    const entered = await engine.enter({ image, argv, env: {}, uid: 0, gid: 0, isReadOnly: false, scratch })
    await run(entered.command, [...entered.args], { env: entered.env, timeout: IMPORT_MS }).finally(() => entered.cleanUp?.())
    writeFileSync(marker, '')
    return true
  } catch {
    return false
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function podmanEngine(base: BaseRoot, cacheFolder: string): Promise<Engine | undefined> {
  const command = findCommand('podman')
  if (command === undefined) return undefined
  const storage = ['--root', join(cacheFolder, 'podman', 'root'), '--runroot', join(cacheFolder, 'podman', 'run'), '--cgroup-manager', 'cgroupfs']
  const own = findCommand('runc') === undefined ? storage : [...storage, '--runtime', 'runc']
  if (!(await ask(command, [...own, 'info']))) return undefined
  await sweepContainers(command, own)
  return {
    name: 'podman',
    async enter(request) {
      const layout = join(request.scratch, 'layout')
      await writeLayout(request.image, base, layout)
      // The image is named after the path, which must then be in lower case: a short one from its folder, and used by its id.
      const id = await importImage(command, [...own, 'pull', '--quiet', 'oci:layout'], request.scratch)
      return runIn(command, own, request, id, ['--network', 'host', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'])
    },
  }
}

async function dockerEngine(base: BaseRoot): Promise<Engine | undefined> {
  const command = findCommand('docker')
  if (command === undefined || !(await ask(command, ['info']))) return undefined
  return {
    name: 'docker',
    async enter(request) {
      const layout = join(request.scratch, 'layout')
      const archive = join(request.scratch, 'image.tar')
      await writeLayout(request.image, base, layout)
      await run('tar', ['-cf', archive, '-C', layout, '.'], { timeout: IMPORT_MS })
      const told = await importImage(command, ['load', '--quiet', '--input', archive], request.scratch)
      return runIn(command, [], request, told.replace(/^Loaded image(?: ID)?: /, ''), ['--network', 'host'])
    },
  }
}

/** @returns the image's name or id, the last line that the engine prints; @throws Error with what it said when it takes none */
async function importImage(command: string, args: readonly string[], folder: string): Promise<string> {
  const { stdout } = await run(command, [...args], { cwd: folder, timeout: IMPORT_MS })
  return stdout.trim().split('\n').at(-1) ?? ''
}

/** True when the engine did as it was told. */
async function ask(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, [...args], { timeout: ASK_MS }).then(() => true, () => false)
}

function runIn(command: string, own: readonly string[], request: RoomRequest, image: string, more: readonly string[]): RoomCommand {
  const name = `${NAME_PREFIX}${String(process.pid)}-${randomBytes(6).toString('hex')}`
  const variables = Object.entries(request.env).flatMap(([variable, value]) => ['--env', `${variable}=${value}`])
  const readOnly = request.isReadOnly ? ['--read-only', '--tmpfs', '/tmp'] : []
  return {
    command,
    args: [...own, 'run', '--rm', '--name', name, ...more, ...readOnly, ...variables, image],
    env: environment(),
    cwd: '/',
    async cleanUp() {
      await remove(command, own, [name])
      // Earlier images of this name: the newest keeps the base image's layer for the next.
      if (own.length > 0) await ask(command, [...own, 'image', 'prune', '--force'])
    },
  }
}

/** At once: podman would first ask politely for ten seconds, and a process 1 without a handler hears nothing. Docker's `rm` does not ask. */
async function remove(command: string, own: readonly string[], names: readonly string[]): Promise<void> {
  await ask(command, [...own, 'rm', '--force', ...(own.length > 0 ? ['--time', '0'] : []), ...names])
}

/** Removes the containers of judges that were killed. A container's name tells whose it is. */
async function sweepContainers(command: string, own: readonly string[]): Promise<void> {
  const listed = await run(command, [...own, 'ps', '--all', '--format', '{{.Names}}'], { timeout: ASK_MS }).catch(() => ({ stdout: '' }))
  const orphans = listed.stdout.split('\n').filter((name) => name.startsWith(NAME_PREFIX) && !isAlive(Number(name.slice(NAME_PREFIX.length).split('-')[0])))
  if (orphans.length > 0) await remove(command, own, orphans)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** What an engine's own client needs. */
function environment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'TMPDIR']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])))
}
