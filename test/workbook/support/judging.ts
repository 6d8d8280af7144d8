import { afterAll } from 'vitest'
import { judge } from '../../harness/judge/judge.ts'
import { loadLab } from '../../harness/judge/load.ts'
import { createLauncher } from '../../harness/launcher/launcher.ts'
import type { LauncherOptions } from '../../harness/launcher/launcher.ts'
import { createPeerKit } from '../../harness/peers/kit.ts'
import type { CheckResult, LabDefinition, Launcher, PeerKit, Target, Verdict } from '../../harness/types/index.ts'

/** One launcher and one peer kit for a whole test file. */
export interface Judging {
  launcher: Launcher
  peers: PeerKit
  /** Judges a file by a lab's checks. */
  judgeFile(slug: string, file: string, options?: JudgingOptions): Promise<Verdict>
  judgeTarget(slug: string, target: Target): Promise<Verdict>
}

export interface JudgingOptions {
  /** Default true. */
  cold?: boolean
  /** By these checks alone, one after the other. Default: all, and at once where the lab says so. */
  checks?: readonly string[]
}

/** Sets up judging for the test file that calls it, and ends it after the file's last test. */
export function useJudging(options: LauncherOptions = {}): Judging {
  const launcher = createLauncher(options)
  const peers = createPeerKit()
  afterAll(async () => {
    await Promise.all([launcher.close(), peers.close()])
  })
  const judgeTarget = async (slug: string, target: Target, { cold = true, checks }: JudgingOptions = {}): Promise<Verdict> => {
    const whole = await loadLab(slug)
    const lab = checks === undefined ? whole : onlyOf(whole, checks)
    return judge({ lab, target, launcher, peers, cold })
  }
  return {
    launcher,
    peers,
    judgeFile: (slug, file, options) => judgeTarget(slug, { kind: 'file', file }, options),
    judgeTarget,
  }
}

/** In turn, for what fails in company is judged once more alone, which takes twice as long. */
function onlyOf(lab: LabDefinition, checks: readonly string[]): LabDefinition {
  return { ...lab, concurrent: false, checks: lab.checks.filter(({ id }) => checks.includes(id)) }
}

/** What went wrong, so that a red proof explains itself: one line a failed check, its steps below. */
export function describeFailures(verdict: Verdict): string {
  const problem = verdict.problem === null ? [] : [`${verdict.problem.code}: ${verdict.problem.title}`]
  return [...problem, ...verdict.checks.filter((check) => check.state === 'failed').map(describeFailure)].join('\n')
}

function describeFailure(check: CheckResult): string {
  const steps = check.steps.map((step) => `\n    ${step.ok ? ' ' : '!'} ${step.text}`).join('')
  return `${check.id} (${String(check.ms)} ms): ${check.message ?? ''}${steps}`
}
