import type * as Fs from 'node:fs'

/** What goes wrong with the disk, after so many calls that change something went well. */
export interface Fault {
  /** Full: half is written, then ENOSPC. Denied: EACCES. Killed: nothing happens any more, as if the process had ended there. */
  kind: 'full' | 'denied' | 'killed'
  /** Counts down; -1 once it has struck. */
  after: number
}

interface Faults {
  next: Fault | undefined
  /** Called once, before the next rename. */
  beforeFirstRename: (() => void) | undefined
}

/** Kept outside of modules: a mocked module and its test may each have their own copy of this one. */
const holder = globalThis as { harbourRadioFaults?: Faults }

/** To be set by a test; none: the disk is sound. */
export const faults: Faults = (holder.harbourRadioFaults ??= { next: undefined, beforeFirstRename: undefined })

const CODES = { full: 'ENOSPC', denied: 'EACCES', killed: 'EIO' }

/** `node:fs` whose changing calls fail as {@link faults} says. */
export function faultyDisk(fs: typeof Fs): typeof Fs {
  const strike = (fault: Fault): never => {
    throw Object.assign(new Error(`${CODES[fault.kind]}: as the test wants it`), { code: CODES[fault.kind] })
  }
  /** Once full, a disk still removes and renames; once killed, a process does nothing. */
  const isDown = (isRemoval: boolean): Fault | undefined => {
    const fault = faults.next
    if (fault === undefined) return undefined
    if (fault.after === -1) return fault.kind === 'killed' || !isRemoval ? fault : undefined
    if (isRemoval && fault.kind === 'full') return undefined
    if (fault.after > 0) {
      fault.after -= 1
      return undefined
    }
    fault.after = -1
    return fault
  }
  const guarded = <A extends unknown[], R>(call: (...args: A) => R, isRemoval = false) => (...args: A): R => {
    const fault = isDown(isRemoval)
    return fault === undefined ? call(...args) : strike(fault)
  }
  const writeFileSync: typeof fs.writeFileSync = (file, data, given) => {
    const fault = isDown(false)
    // Nothing here survives a power cut; waiting for a busy disk, thousands of times, would prove nothing.
    const options = typeof given === 'object' && given !== null ? { ...given, flush: false } : given
    if (fault === undefined) {
      fs.writeFileSync(file, data, options)
      return
    }
    // The first one to fail is cut in half; later ones find no room at all.
    if (fault.kind !== 'denied') fs.writeFileSync(file, Buffer.from(data as Uint8Array).subarray(0, Math.floor((data as Uint8Array).length / 2)), options)
    strike(fault)
  }
  const renameSync: typeof fs.renameSync = (from, to) => {
    const before = faults.beforeFirstRename
    faults.beforeFirstRename = undefined
    before?.()
    guarded(fs.renameSync)(from, to)
  }
  const changed = {
    writeFileSync,
    renameSync,
    linkSync: guarded(fs.linkSync),
    mkdirSync: guarded<[Fs.PathLike, Fs.MakeDirectoryOptions?], unknown>(fs.mkdirSync) as typeof fs.mkdirSync,
    unlinkSync: guarded(fs.unlinkSync, true),
    rmdirSync: guarded(fs.rmdirSync, true),
    rmSync: guarded(fs.rmSync, true),
  }
  return { ...fs, ...changed, default: { ...fs, ...changed } } as typeof Fs
}
