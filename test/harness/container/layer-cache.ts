import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Archives of layers by the keys of the lines that made them. Losing one costs a second run of its line. */
export interface LayerCache {
  read(key: string): Buffer | undefined
  write(key: string, archive: Buffer): void
}

const MAX_BYTES = 400 * 1024 * 1024

/** @param folder made when it is missing; may be deleted at any time */
export function createLayerCache(folder: string): LayerCache {
  return {
    read(key) {
      const file = join(folder, key)
      if (!existsSync(file)) return undefined
      const now = new Date()
      try {
        const archive = readFileSync(file)
        utimesSync(file, now, now)
        return archive
      } catch {
        return undefined
      }
    },
    write(key, archive) {
      mkdirSync(folder, { recursive: true })
      // Several judges share the cache: a file is whole or not there.
      const draft = join(folder, `.${key}.${randomBytes(6).toString('hex')}`)
      writeFileSync(draft, archive)
      renameSync(draft, join(folder, key))
      dropOldest(folder)
    },
  }
}

function dropOldest(folder: string): void {
  const files = readdirSync(folder).flatMap((name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })
    return found === undefined ? [] : [{ file: join(folder, name), bytes: found.size, usedAt: found.mtimeMs }]
  })
  let room = MAX_BYTES
  for (const { file, bytes } of files.sort((left, right) => right.usedAt - left.usedAt)) {
    room -= bytes
    if (room < 0) rmSync(file, { force: true })
  }
}
