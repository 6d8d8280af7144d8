import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { BaseRoot } from '../base.ts'
import { findCommand } from './find-command.ts'
import type { Room, RoomCommand, RoomRequest } from './room.ts'
import { firstChild, makeRoot, ownTops } from './whole-root.ts'

/** What neither bubblewrap nor unshare shows here: both leave the host's network in place. */
export const WHOLE_ROOT_CANNOT_SEE = 'a network of its own, the owners of files, and limits on memory and processors'

/**
 * bubblewrap: the image is the whole root, its USER is the user, its command is process 1.
 * @returns undefined where it is not installed or may not be used
 * @see https://github.com/containers/bubblewrap
 */
export function bwrapRoom(base: BaseRoot): Room | undefined {
  const command = findCommand('bwrap')
  if (command === undefined) return undefined
  const works = spawnSync(command, [...isolation(0, 0), '--ro-bind', base.folder, '/', '--', '/bin/sh', '-c', 'exit 0'], { timeout: 5_000 })
  if (works.status !== 0) return undefined
  return { name: 'bwrap', isWholeRoot: true, cannotSee: WHOLE_ROOT_CANNOT_SEE, enter: (request) => enter(command, base, request) }
}

function enter(command: string, base: BaseRoot, { image, argv, env, uid, gid, isReadOnly, scratch }: RoomRequest): RoomCommand {
  const root = join(scratch, 'root')
  makeRoot(base, image.tree, root)
  const writable = isReadOnly ? [] : ownTops(image.tree, base).flatMap((top) => ['--bind', join(root, top), `/${top}`])
  return {
    command,
    args: [
      ...isolation(uid, gid), '--ro-bind', root, '/', ...writable, '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp',
      '--chdir', image.state.workdir, '--', ...argv,
    ],
    env,
    cwd: '/',
    // bubblewrap stays outside and passes no signal on.
    inner: firstChild,
  }
}

function isolation(uid: number, gid: number): string[] {
  return [
    '--unshare-user', '--uid', String(uid), '--gid', String(gid), '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try',
    '--die-with-parent', '--as-pid-1',
  ]
}
