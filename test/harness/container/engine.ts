import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { BaseRoot } from './base.ts'
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

const ASK_MS = 10_000
const IMPORT_MS = 60_000

/**
 * An engine that works here. `docker --version` succeeds without one; only `info` asks it.
 * @param cacheFolder podman's images are kept apart from the reader's own
 */
export function findEngine(base: BaseRoot, cacheFolder: string): Engine | undefined {
  if (process.env[ENGINE_VARIABLE] === 'none') return undefined
  return podmanEngine(base, cacheFolder) ?? dockerEngine(base)
}

function podmanEngine(base: BaseRoot, cacheFolder: string): Engine | undefined {
  const command = findCommand('podman')
  if (command === undefined) return undefined
  const storage = ['--root', join(cacheFolder, 'podman', 'root'), '--runroot', join(cacheFolder, 'podman', 'run'), '--cgroup-manager', 'cgroupfs']
  const own = findCommand('runc') === undefined ? storage : [...storage, '--runtime', 'runc']
  if (spawnSync(command, [...own, 'info'], { timeout: ASK_MS }).status !== 0) return undefined
  return {
    name: 'podman',
    async enter(request) {
      const layout = join(request.scratch, 'layout')
      await writeLayout(request.image, base, layout)
      const tag = importImage(command, [...own, 'pull', '--quiet', `oci:${layout}`])
      return runIn(command, own, request, tag, ['--network', 'host', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', '--cgroups=disabled'])
    },
  }
}

function dockerEngine(base: BaseRoot): Engine | undefined {
  const command = findCommand('docker')
  if (command === undefined || spawnSync(command, ['info'], { timeout: ASK_MS }).status !== 0) return undefined
  return {
    name: 'docker',
    async enter(request) {
      const layout = join(request.scratch, 'layout')
      const archive = join(request.scratch, 'image.tar')
      await writeLayout(request.image, base, layout)
      const packed = spawnSync('tar', ['-cf', archive, '-C', layout, '.'], { timeout: IMPORT_MS })
      if (packed.status !== 0) throw new Error(`The image could not be packed for Docker: ${packed.stderr.toString()}`)
      const told = importImage(command, ['load', '--quiet', '--input', archive])
      return runIn(command, [], request, told.replace(/^Loaded image(?: ID)?: /, ''), ['--network', 'host'])
    },
  }
}

/** @returns the image's name or id, the last line that the engine prints */
function importImage(command: string, args: readonly string[]): string {
  const done = spawnSync(command, [...args], { encoding: 'utf8', timeout: IMPORT_MS })
  const name = done.stdout.trim().split('\n').at(-1) ?? ''
  if (done.status !== 0 || name === '') throw new Error(`The engine did not take the image: ${done.stderr}`)
  return name
}

function runIn(command: string, own: readonly string[], request: RoomRequest, image: string, more: readonly string[]): RoomCommand {
  const name = `harbour-radio-${randomBytes(6).toString('hex')}`
  const variables = Object.entries(request.env).flatMap(([variable, value]) => ['--env', `${variable}=${value}`])
  const readOnly = request.isReadOnly ? ['--read-only', '--tmpfs', '/tmp'] : []
  return {
    command,
    args: [...own, 'run', '--rm', '--name', name, ...more, ...readOnly, ...variables, image],
    env: environment(),
    cwd: '/',
    cleanUp: () => void spawnSync(command, [...own, 'rm', '--force', name], { timeout: ASK_MS, stdio: 'ignore' }),
  }
}

/** What an engine's own client needs. */
function environment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'TMPDIR']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])))
}
