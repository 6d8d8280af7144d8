import { mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { BASE_PROGRAMS } from '../base-folders.ts'
import { readTree, writeTree } from '../disk.ts'
import { keyOf } from '../tree.ts'
import type { Tree } from '../tree.ts'
import type { Room, RoomCommand, RoomRequest } from './room.ts'

const IS_WINDOWS = process.platform === 'win32'

/**
 * The image's files in a fresh folder outside the workbook: Node searches the folders above a program for packages, and there it
 * finds none. Needs nothing but Node, and runs on every system.
 */
export const cleanDir: Room = {
  name: 'clean-dir',
  isWholeRoot: false,
  cannotSee: 'a tool or a file of this machine that the program asks for by its absolute path, the user it runs as, and process 1',
  enter({ image, argv, env, scratch }: RoomRequest): RoomCommand {
    const root = join(scratch, 'root')
    writeTree(image.tree, root)
    const programs = makePrograms(scratch)
    const here = (text: string): string => withPlaces(text, image.tree, root, programs)
    const [program = '', ...args] = argv
    return {
      command: programs.get(program) ?? programs.get(`/${keyOf(program)}`) ?? here(program),
      args: args.map(here),
      env: {
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, name === 'PATH' ? value : here(value)])),
        ...surroundings(root, scratch),
      },
      cwd: join(root, keyOf(image.state.workdir)),
      root,
    }
  },
}

/** Files below the room's root that are not as the image has them. */
export function writtenInto(root: string, tree: Tree): string[] {
  const now = readTree(root)
  const other = [...now].filter(([path, entry]) => {
    const before = tree.get(path)
    if (before === undefined) return true
    return entry.kind === 'file' && (before.kind !== 'file' || !entry.bytes.equals(before.bytes))
  })
  const gone = [...tree.keys()].filter((path) => !now.has(path))
  return [...other.map(([path]) => path), ...gone].filter((path) => path !== 'tmp' && !path.startsWith('tmp/')).sort()
}

/** The base image's programs in a folder of their own: by name and by path. */
function makePrograms(scratch: string): Map<string, string> {
  if (IS_WINDOWS) return new Map([['node', process.execPath], ['/usr/local/bin/node', process.execPath]])
  const folder = join(scratch, 'bin')
  mkdirSync(folder, { recursive: true })
  return new Map(BASE_PROGRAMS.flatMap((path) => {
    const name = path.split('/').at(-1) ?? ''
    const file = join(folder, name)
    symlinkSync(name === 'node' ? process.execPath : path, file)
    return [[name, file], [path, file]] as [string, string][]
  }))
}

function surroundings(root: string, scratch: string): Record<string, string> {
  const temporary = join(root, 'tmp')
  const path = IS_WINDOWS ? dirname(process.execPath) : join(scratch, 'bin')
  const bins = [path, join(root, 'usr/local/bin')].join(delimiter)
  const windows: Record<string, string> = IS_WINDOWS ? { SYSTEMROOT: process.env['SYSTEMROOT'] ?? '', TEMP: temporary, TMP: temporary } : {}
  return { PATH: bins, HOME: join(root, 'home/node'), TMPDIR: temporary, ...windows }
}

/** Absolute paths of the image, wherever they stand in a text, as they are on this machine. */
function withPlaces(text: string, tree: Tree, root: string, programs: ReadonlyMap<string, string>): string {
  return text.replace(/(^|[\s=:'"])(\/[^\s:'"]+)/g, (all, before: string, path: string) => {
    const program = programs.get(path)
    if (program !== undefined) return before + program
    return tree.has(keyOf(path)) ? before + join(root, keyOf(path)) : all
  })
}
