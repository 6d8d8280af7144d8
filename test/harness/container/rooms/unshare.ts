import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { BaseRoot } from '../base.ts'
import { WHOLE_ROOT_CANNOT_SEE } from './bwrap.ts'
import { findCommand } from './find-command.ts'
import type { Room, RoomCommand, RoomRequest } from './room.ts'
import { firstChild, makeRoot, ownTops } from './whole-root.ts'

/**
 * Makes the mounts as the namespace's own root, then becomes the image's user and its program. Its arguments: root, workdir, uid, gid,
 * folders that can be written, `--`, the command.
 */
const SCRIPT = `set -e
own=$PATH; PATH=/usr/sbin:/usr/bin:/sbin:/bin; unshare=$(command -v unshare)
root=$1 workdir=$2 uid=$3 gid=$4; shift 4
mount --rbind "$root" "$root"
cd "$root"
while [ "$1" != -- ]; do mount --bind "$root/$1" "$root/$1"; kept="$kept $1"; shift; done
shift
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 dev "$root/dev"
for each in null zero full random urandom; do : > "$root/dev/$each"; mount --bind "/dev/$each" "$root/dev/$each"; done
PATH=$own; unset OLDPWD
exec "$unshare" --user --map-user="$uid" --map-group="$gid" --root="$root" --wd="$workdir" "$@"`

/**
 * util-linux's `unshare`, which is there on nearly every Linux: as bubblewrap, in more words.
 * @returns undefined where user namespaces are not allowed
 */
export function unshareRoom(base: BaseRoot): Room | undefined {
  const command = findCommand('unshare')
  if (command === undefined) return undefined
  const probe = { root: base.folder, workdir: '/', uid: 1_000, gid: 1_000, writable: [], argv: ['/bin/sh', '-c', 'exit 0'] }
  if (spawnSync(command, argumentsOf(probe), { timeout: 5_000 }).status !== 0) return undefined
  return { name: 'unshare', isWholeRoot: true, cannotSee: WHOLE_ROOT_CANNOT_SEE, enter: (request) => enter(command, base, request) }
}

function enter(command: string, base: BaseRoot, { image, argv, env, uid, gid, isReadOnly, scratch }: RoomRequest): RoomCommand {
  const root = join(scratch, 'root')
  makeRoot(base, image.tree, root)
  const writable = isReadOnly ? [] : ownTops(image.tree, base)
  return {
    command,
    args: argumentsOf({ root, workdir: image.state.workdir, uid, gid, writable, argv }),
    env,
    cwd: '/',
    inner: firstChild,
  }
}

interface Inside {
  root: string
  workdir: string
  uid: number
  gid: number
  writable: readonly string[]
  argv: readonly string[]
}

function argumentsOf({ root, workdir, uid, gid, writable, argv }: Inside): string[] {
  return [
    '--user', '--map-root-user', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--',
    '/bin/sh', '-c', SCRIPT, 'sh', root, workdir, String(uid), String(gid), ...writable, '--', ...argv,
  ]
}
