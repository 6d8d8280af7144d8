import { diffWithSolution, diffWithVersion, listVersions, readWork, recordVersion } from '../history/history.ts'
import { judge } from '../judge/judge.ts'
import { loadLab } from '../judge/load.ts'
import { preloadOf } from '../judge/session.ts'
import type { LabPaths } from '../labs.ts'
import { closeBrowser, findChromium, warmBrowser } from '../peers/browser/index.ts'
import type { LabDefinition, Launcher, PeerKit, StartRequest, Target } from '../types/index.ts'
import type { LabWork } from './lab-work.ts'
import { replay } from './replay/replay.ts'

/**
 * The real work: the judge, the launcher with its warm spares, the history.
 * Labs are judged one after the other, so that two open pages do not slow each other's programs.
 */
export function labWork(root: string, launcher: Launcher, peers: PeerKit): LabWork {
  let turn: Promise<unknown> = Promise.resolve()
  /** The peer labs that some page has open. */
  const peerLabs = new Set<string>()
  return {
    root,
    load: (slug) => loadLab(slug, root),
    async judge(lab, paths, tell, signal) {
      const run = turn.then(() => {
        signal.throwIfAborted()
        return judge({
          lab,
          target: targetOf(paths),
          launcher,
          peers,
          root,
          signal,
          onEvent: (event) => {
            if (event.type === 'check') tell.check(event.result)
            if (event.type === 'again') tell.again(event.ids)
          },
        })
      })
      turn = run.catch(() => undefined).then(() => {
        // A check may have ended the peers' processes, or the browser; the next save does not wait for new ones.
        if (peerLabs.has(lab.slug)) warmPeers(peers)
      })
      return run
    },
    async replay(lab, paths, { result, seed }, signal) {
      const played = turn.then(() => {
        signal.throwIfAborted()
        return replay({ lab, target: targetOf(paths), launcher, peers, root, signal, result, seed })
      })
      turn = played.catch(() => undefined)
      return played
    },
    diff: (slug, against) => (against === 'solution' ? diffWithSolution(slug, root) : diffWithVersion(slug, against, root)),
    prepare(lab, paths, wanted) {
      if (lab.program === 'peer') preparePeers(peers, peerLabs, lab.slug, wanted)
      launcher.prepare(startRequest(lab, paths, root), wanted ? 1 + (lab.copies ?? 0) : 0)
    },
    versions: (slug) => listVersions(slug, root),
    read: (slug) => readWork(slug, root),
    keep: (work, verdict) => { recordVersion(work.slug, work, { reason: 'save', verdict, root }) },
  }
}

function preparePeers(peers: PeerKit, open: Set<string>, slug: string, wanted: boolean): void {
  if (wanted) open.add(slug)
  else open.delete(slug)
  if (open.size > 0) warmPeers(peers)
  else void closeBrowser().catch(() => undefined)
}

/** A browser that does not start is no failure here: the check that needs it says so. */
function warmPeers(peers: PeerKit): void {
  peers.prepare()
  if (findChromium() !== null) void warmBrowser().catch(() => undefined)
}

function targetOf(paths: LabPaths): Target {
  return { kind: 'file', file: paths.mine }
}

/** What a spare needs to know; the run brings the environment. */
function startRequest(lab: LabDefinition, paths: LabPaths, root: string): StartRequest {
  return { target: targetOf(paths), cwd: root, env: { ...lab.env }, preload: preloadOf(lab) }
}
