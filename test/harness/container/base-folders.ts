import { folderEntry } from './tree.ts'
import type { Tree } from './tree.ts'

/** The folders of the base image, so that a COPY into one of them makes no new one. */
export const BASE_FOLDERS = [
  'bin', 'dev', 'etc', 'home', 'home/node', 'lib', 'lib64', 'opt', 'proc', 'root', 'run', 'srv', 'sys', 'tmp', 'usr', 'usr/bin', 'usr/lib', 'usr/local',
  'usr/local/bin', 'var', 'var/log', 'var/tmp',
]

/** What lies below an image's first layer, as far as a builder asks. */
export const BASE_TREE: Tree = new Map(BASE_FOLDERS.map((path) => {
  return [path, folderEntry(path === 'home/node' ? { uid: 1000, gid: 1000 } : undefined)]
}))

/** The programs of the base image while it runs, by their absolute paths. */
export const BASE_PROGRAMS = ['/usr/local/bin/node', '/bin/sh', '/usr/bin/env']
