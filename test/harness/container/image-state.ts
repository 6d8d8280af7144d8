import { posix } from 'node:path'
import { BuildProblem } from './build-problem.ts'
import type { Line } from './dockerfile.ts'
import { ownerOf } from './users.ts'

/** What an image says of itself, in the making. */
export interface ImageState {
  env: ReadonlyMap<string, string>
  /** Of the build alone; ENV of the same name wins. */
  args: ReadonlyMap<string, string>
  workdir: string
  user: string
  cmd?: readonly string[]
  entrypoint?: readonly string[]
  ports: readonly string[]
  labels: ReadonlyMap<string, string>
  stopSignal?: string
}

/** The official image sets PATH and versions; PATH is what a program needs. */
const BASE_ENV = new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']])

/** Of the base image. */
export const FIRST_STATE: ImageState = { env: BASE_ENV, args: new Map(), workdir: '/', user: '', ports: [], labels: new Map() }

/** A line, with the values of variables at that line. */
export interface Filled {
  words: readonly string[]
  filled: (text: string) => string
  /** The ARGs before the first FROM. */
  globals: ReadonlyMap<string, string>
}

/** What an image says of itself after a line. @throws BuildProblem */
export function stateAfter(line: Line, before: ImageState, { words, filled, globals }: Filled): ImageState {
  switch (line.keyword) {
    case 'ENV': return { ...before, env: withProperties(before.env, line, filled) }
    case 'LABEL': return { ...before, labels: withProperties(before.labels, line, filled) }
    case 'ARG': return { ...before, args: withArguments(before.args, line, filled, globals) }
    case 'WORKDIR': return { ...before, workdir: posix.resolve(before.workdir, words.join(' ')) }
    case 'USER': {
      const [user = ''] = words
      ownerOf(user, line)
      return { ...before, user }
    }
    case 'EXPOSE': return { ...before, ports: [...new Set([...before.ports, ...words.map((port) => (port.includes('/') ? port : `${port}/tcp`))])] }
    case 'STOPSIGNAL': return { ...before, stopSignal: words[0] ?? '' }
    case 'CMD': return { ...before, cmd: commandLine(line) }
    // In an engine too, a new ENTRYPOINT lets go of the CMD that came from the image below; one of this file stays.
    case 'ENTRYPOINT': return { ...before, entrypoint: commandLine(line) }
    default: return before
  }
}

/** The shell form is run by a shell. */
function commandLine(line: Line): readonly string[] {
  return line.json ?? ['/bin/sh', '-c', line.words.join(' ')]
}

function withProperties(before: ReadonlyMap<string, string>, line: Line, filled: (text: string) => string): Map<string, string> {
  if (line.properties.length === 0) throw new BuildProblem(`${line.keyword} needs NAME=value.`, line)
  return new Map([...before, ...line.properties.map(({ name, value }): [string, string] => [name, filled(value ?? '')])])
}

function withArguments(
  before: ReadonlyMap<string, string>,
  line: Line,
  filled: (text: string) => string,
  globals: ReadonlyMap<string, string>,
): Map<string, string> {
  const added = line.properties.map(({ name, value }): [string, string] => [name, value === null ? globals.get(name) ?? '' : filled(value)])
  return new Map([...before, ...added])
}
