import type { Work } from '../history/history.ts'
import type { LabPaths } from '../labs.ts'
import type { CheckResult, DiffWith, LabDefinition, Replay, Verdict, Version } from '../types/index.ts'

/** What a run tells before its verdict. */
export interface TellOfRun {
  check(result: CheckResult): void
  /** These have failed in company, and are tried once more. */
  again(ids: string[]): void
}

/** What a session needs from the rest of the harness; tests put their own in its place. */
export interface LabWork {
  /** The workbook's folder. */
  root: string
  /** The lab's definition, read anew when its check file has changed. */
  load(slug: string): Promise<LabDefinition>
  judge(lab: LabDefinition, paths: LabPaths, tell: TellOfRun, signal: AbortSignal): Promise<Verdict>
  /** Sends the messages of a failed check again. @throws the signal's reason when cancelled */
  replay(lab: LabDefinition, paths: LabPaths, failed: { result: CheckResult; seed: number }, signal: AbortSignal): Promise<Replay>
  /** The learner's files beside others, as a unified diff. @throws Error that says why there is none */
  diff(slug: string, against: DiffWith): string
  /** Keeps a warm spare waiting (true), or lets it go. */
  prepare(lab: LabDefinition, paths: LabPaths, wanted: boolean): void
  versions(slug: string): Version[]
  /** The learner's files as they are now, to keep them later. */
  read(slug: string): Work | null
  /** Keeps what was judged, with its verdict. */
  keep(work: Work, verdict: Verdict): void
}

/** Two verdicts with the same key differ in times and wording only. */
export function verdictKey(verdict: Verdict): string {
  return JSON.stringify([verdict.problem?.code ?? null, verdict.checks.map(({ id, state }) => [id, state])])
}
