import { statSync, watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import type { LabPaths } from '../labs.ts'
import { fingerprint, watchedFolders } from './fingerprint.ts'
import type { Fingerprint } from './fingerprint.ts'

export interface WatchTimes {
  /** From the last event to the first look. Default 15. */
  soonMs?: number
  /** To the second look, which believes an empty or missing file. Default 120. */
  lateMs?: number
  /** Between looks without any event, for file systems that tell none. Default 1 000. */
  pollMs?: number
  /** False: the poll alone. Default true. */
  hasEvents?: boolean
}

/**
 * Watches the learner's files of one lab. Events only say when to look; what decides is the content,
 * so an editor that saves through a second file, truncates first, or deletes and writes anew is
 * followed like any other.
 */
export class LabWatch {
  readonly #lab: LabPaths
  readonly #onChange: (now: Fingerprint) => void
  readonly #times: Required<WatchTimes>
  readonly #watchers = new Map<string, { watcher: FSWatcher; inode: number }>()
  readonly #poll: NodeJS.Timeout
  #soon: NodeJS.Timeout | undefined
  #late: NodeJS.Timeout | undefined
  #last: Fingerprint

  /** @param onChange told once for each new content that held still long enough to be looked at */
  constructor(lab: LabPaths, onChange: (now: Fingerprint) => void, times: WatchTimes = {}) {
    this.#lab = lab
    this.#onChange = onChange
    this.#times = { soonMs: 15, lateMs: 120, pollMs: 1_000, hasEvents: true, ...times }
    this.#last = fingerprint(lab)
    this.#arm()
    this.#poll = setInterval(() => {
      this.#arm()
      // In the middle of a save an absent file is not believed; events without end must not hide a save either.
      this.#look(this.#late === undefined)
    }, this.#times.pollMs)
  }

  /** What the files held when last looked at. */
  get current(): Fingerprint {
    return this.#last
  }

  /** Looks now and believes what it sees, without telling: for a change made by the workbook itself. */
  accept(): Fingerprint {
    this.#last = fingerprint(this.#lab)
    this.#arm()
    return this.#last
  }

  close(): void {
    clearInterval(this.#poll)
    clearTimeout(this.#soon)
    clearTimeout(this.#late)
    for (const { watcher } of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #eventSeen(): void {
    clearTimeout(this.#soon)
    clearTimeout(this.#late)
    this.#soon = setTimeout(() => { this.#look(false) }, this.#times.soonMs)
    this.#late = setTimeout(() => {
      this.#late = undefined
      this.#arm()
      this.#look(true)
    }, this.#times.lateMs)
  }

  /** @param believes true takes an empty or missing file at its word; false waits for the next look */
  #look(believes: boolean): void {
    const now = fingerprint(this.#lab)
    if (!believes && (!now.begun || now.empty)) return
    if (now.hash === this.#last.hash && now.begun === this.#last.begun) return
    this.#last = now
    this.#onChange(now)
  }

  /** Watches every folder that exists; a folder made anew under its old name is another one. */
  #arm(): void {
    if (!this.#times.hasEvents) return
    const folders = new Map(watchedFolders(this.#lab).map((folder) => [folder, inodeOf(folder)]))
    for (const [folder, { watcher, inode }] of this.#watchers) {
      if (folders.get(folder) === inode) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    for (const [folder, inode] of folders) {
      if (!this.#watchers.has(folder)) this.#watchFolder(folder, inode)
    }
  }

  #watchFolder(folder: string, inode: number): void {
    try {
      const watcher = watch(folder, () => { this.#eventSeen() })
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
      })
      this.#watchers.set(folder, { watcher, inode })
    } catch {
      // No events here (too many watches, a network file system): the poll serves.
    }
  }
}

function inodeOf(folder: string): number {
  return statSync(folder, { throwIfNoEntry: false })?.ino ?? 0
}
