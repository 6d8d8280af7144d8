import { dirname } from 'node:path'
import { loadLab } from '../judge/load.ts'
import { judge } from '../judge/judge.ts'
import { preloadOf } from '../judge/session.ts'
import { ROOT } from '../labs.ts'
import type { LabPaths } from '../labs.ts'
import { NewestWins } from '../runner/newest.ts'
import { LabWatch } from '../runner/watch.ts'
import type { Launcher, PeerKit, Target } from '../types/index.ts'
import { complaint, type CheckArguments } from './arguments.ts'
import { keepVersion } from './check-versions.ts'
import type { Terminal } from './terminal.ts'

/** The parts of a call that watching uses. */
export interface WatchTools {
  launcher: Launcher
  peers: PeerKit
  terminal: Terminal
}

/**
 * Judges at each save until Ctrl+C.
 * @returns 0: watching ends only because it was told to
 */
export async function watchLab(paths: LabPaths, args: CheckArguments, tools: WatchTools): Promise<number> {
  const target: Target = args.target ?? { kind: 'file', file: paths.mine }
  const runs = new NewestWins((signal) => judgeOnce(paths, target, args, tools, signal))
  const watch = new LabWatch(watchedPaths(paths, target), () => {
    runs.request()
  })
  runs.request()
  await untilInterrupted()
  watch.close()
  await runs.close()
  return 0
}

async function judgeOnce(
  paths: LabPaths,
  target: Target,
  args: CheckArguments,
  { launcher, peers, terminal }: WatchTools,
  signal: AbortSignal,
): Promise<void> {
  try {
    const lab = await loadLab(paths.slug)
    if (!args.cold) launcher.prepare({ target, cwd: ROOT, env: {}, preload: preloadOf(lab) }, 1 + (lab.copies ?? 0))
    terminal.clear()
    const keep = keepVersion(paths, args)
    const verdict = await judge({
      lab, target, launcher, peers, signal, cold: args.cold, ...(args.shake !== undefined && { shake: args.shake }),
      onEvent: (event) => {
        terminal.event(event, lab)
      },
    })
    if (signal.aborted) return
    terminal.summary([verdict])
    keep(verdict)
    terminal.line('Watching for the next save; Ctrl+C ends it.')
  } catch (error) {
    if (!signal.aborted) process.stderr.write(complaint(error, 'judge'))
  }
}

/** Another file than mine.ts is watched where it lies. */
function watchedPaths(paths: LabPaths, target: Target): LabPaths {
  return target.kind === 'file' ? { ...paths, mine: target.file, folder: dirname(target.file) } : paths
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
