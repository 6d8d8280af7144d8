import { posix } from 'node:path'
import { buffer } from 'node:stream/consumers'
import tar from 'tar-stream'
import type { Changes, Entry } from './tree.ts'

/** Every time in an image is this one, so that the same content is the same digest. */
const WHEN = new Date(0)

/** Marks what a layer takes away. @see https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts */
const WHITEOUT = '.wh.'

/** A layer as an archive: sorted, without times or names of this machine, with a whiteout for each thing removed. */
export async function packLayer(changes: Changes): Promise<Buffer> {
  const pack = tar.pack()
  const whiteouts = changes.removed.map((path): [string, Entry] => [whiteoutOf(path), emptyFile()])
  const entries = [...changes.set, ...whiteouts].sort(([left], [right]) => (left < right ? -1 : 1))
  for (const [path, entry] of entries) addEntry(pack, path, entry)
  pack.finalize()
  return buffer(pack)
}

/** Reads such an archive again. */
export async function unpackLayer(archive: Buffer): Promise<Changes> {
  const set = new Map<string, Entry>()
  const removed: string[] = []
  const extract = tar.extract()
  extract.end(archive)
  for await (const item of extract) {
    const { header } = item
    const path = header.name.replace(/\/$/, '')
    const bytes = await buffer(item)
    const name = posix.basename(path)
    if (name.startsWith(WHITEOUT)) removed.push(posix.join(posix.dirname(path), name.slice(WHITEOUT.length)))
    else set.set(path, toEntry(header, bytes))
  }
  return { set, removed }
}

/** Adds one entry to an archive; the entry's bytes are all there. */
export function addEntry(pack: tar.Pack, path: string, entry: Entry): void {
  const head = { name: path, mode: entry.mode, uid: entry.uid, gid: entry.gid, mtime: WHEN }
  if (entry.kind === 'folder') pack.entry({ ...head, name: `${path}/`, type: 'directory' })
  else if (entry.kind === 'link') pack.entry({ ...head, type: 'symlink', linkname: entry.target })
  else pack.entry({ ...head, type: 'file' }, entry.bytes)
}

function toEntry(header: tar.Header, bytes: Buffer): Entry {
  const head = { mode: header.mode ?? 0o644, uid: header.uid ?? 0, gid: header.gid ?? 0 }
  if (header.type === 'directory') return { kind: 'folder', ...head }
  if (header.type === 'symlink') return { kind: 'link', target: header.linkname ?? '', ...head }
  return { kind: 'file', bytes, ...head }
}

function whiteoutOf(path: string): string {
  return posix.join(posix.dirname(path), `${WHITEOUT}${posix.basename(path)}`)
}

function emptyFile(): Entry {
  return { kind: 'file', bytes: Buffer.alloc(0), mode: 0o644, uid: 0, gid: 0 }
}
