/**
 * `npm run record [lab …]`: judges the reference of each lab and keeps what went over the wire beside its
 * chapter, where the page draws it.
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { judge } from '../judge/judge.ts'
import { loadLab } from '../judge/load.ts'
import { findLab, findLabs, relativePath } from '../labs.ts'
import type { LabPaths } from '../labs.ts'
import { createLauncher } from '../launcher/launcher.ts'
import { createPeerKit } from '../peers/kit.ts'
import { recordedOf } from '../recorded-of.ts'
import type { CheckResult, TraceEvent, Verdict } from '../types/index.ts'
import { endWith } from './end.ts'
import { complaint, UsageError } from './arguments.ts'

/** More than a diagram can show: of a longer conversation the beginning is kept. */
const MAX_EVENTS = 60
const MAX_BODY_CHARACTERS = 600
/** The same seed each time, so that a new recording differs where the wire does. */
const SEED = 20_815

/** @returns the exit code: 0 all recorded, 1 a reference fails and its old recording stays */
async function main(): Promise<0 | 1> {
  const names = process.argv.slice(2)
  const labs = names.length > 0 ? names.map((name) => findLab(name)) : findLabs()
  let code: 0 | 1 = 0
  const launcher = createLauncher()
  const peers = createPeerKit()
  try {
    for (const lab of labs) {
      const definition = { ...(await loadLab(lab.slug)), concurrent: false }
      refuseWithoutChapter(lab)
      const judged = (file: string): Promise<Verdict> => judge({ lab: definition, target: { kind: 'file', file }, launcher, peers, seed: SEED })
      const verdict = await judged(lab.solution)
      // What a reader compares with: before the work, and after it.
      const before = verdict.checks.some(({ measures }) => measures !== undefined) ? await judged(lab.starter) : null
      if (verdict.passed) await keep(lab, verdict, before)
      else {
        process.stderr.write(failureText(lab, verdict))
        code = 1
      }
    }
    return code
  } finally {
    await Promise.all([launcher.close(), peers.close()])
  }
}

function refuseWithoutChapter(lab: LabPaths): void {
  if (existsSync(lab.page)) return
  throw new UsageError(`Lab ${lab.slug} has no chapter to record for yet: write ${relativePath(lab.page)} (CONTRIBUTING.md, step 6).`)
}

function failureText({ slug, solution }: LabPaths, verdict: Verdict): string {
  const failed = verdict.checks.filter((check) => check.state === 'failed').map((check) => check.id)
  const reason = verdict.problem?.title ?? failed.join(', ')
  return `The reference of ${slug} fails: ${reason}\nSee: npm run check ${slug.slice(0, 2)} -- --file ${relativePath(solution)}\n`
}

async function keep(lab: LabPaths, verdict: Verdict, before: Verdict | null): Promise<void> {
  const checks = verdict.checks.filter((check) => check.state === 'passed').map((check) => ({
    ...shorten(check),
    ...measuredBy(check, before?.checks.find(({ id }) => id === check.id)),
  }))
  const file = join(dirname(lab.page), 'recorded-run.json')
  const lines = checks.map((check) => `  ${JSON.stringify(check)}`)
  await writeFile(file, `{"lab": ${JSON.stringify(lab.slug)}, "of": ${JSON.stringify(recordedOf(lab))}, "checks": [\n${lines.join(',\n')}\n]}\n`)
  process.stdout.write(`${relativePath(file)}: ${String(checks.length)} checks\n`)
}

function shorten({ id, title, steps, trace }: CheckResult): Pick<CheckResult, 'id' | 'title' | 'steps' | 'trace'> {
  return { id, title, steps, trace: trace.slice(0, MAX_EVENTS).map(tidy) }
}

/** What the reference and the starter were measured to do. */
function measuredBy({ measures }: CheckResult, before: CheckResult | undefined): { measures?: object } {
  return measures === undefined ? {} : { measures: { starter: before?.measures ?? [], solution: measures } }
}

/** Times to a tenth of a millisecond, bodies to what a page shows, and the port that a learner knows. */
function tidy(event: TraceEvent): TraceEvent {
  const { head, body, endedAt, ...rest } = event.detail
  return {
    ...event,
    at: tenth(event.at),
    detail: {
      ...rest,
      ...(head !== undefined && { head: head.replace(/^(host: ).*$/im, '$1localhost:3000') }),
      ...(body !== undefined && { body: cut(body) }),
      ...(endedAt !== undefined && { endedAt: tenth(endedAt) }),
    },
  }
}

function cut(body: string): string {
  return body.length > MAX_BODY_CHARACTERS ? `${body.slice(0, MAX_BODY_CHARACTERS)}…` : body
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10
}

await endWith(await main().catch((error: unknown) => {
  process.stderr.write(complaint(error, 'record'))
  return 2
}))
