/**
 * `npm run record [lab …]`: judges the reference of each lab and keeps what went over the wire beside its
 * chapter, where the page draws it.
 */
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { judge } from '../judge/judge.ts'
import { loadLab } from '../judge/load.ts'
import { findLab, findLabs, relativePath } from '../labs.ts'
import type { LabPaths } from '../labs.ts'
import { createLauncher } from '../launcher/launcher.ts'
import { createPeerKit } from '../peers/kit.ts'
import type { CheckResult, TraceEvent, Verdict } from '../types/index.ts'

/** More than a diagram can show: of a longer conversation the beginning is kept. */
const MAX_EVENTS = 60
const MAX_BODY_CHARACTERS = 600
/** The same seed each time, so that a new recording differs where the wire does. */
const SEED = 20_815

async function main(): Promise<void> {
  const names = process.argv.slice(2)
  const labs = names.length > 0 ? names.map((name) => findLab(name)) : findLabs()
  const launcher = createLauncher()
  const peers = createPeerKit()
  try {
    for (const lab of labs) {
      const target = { kind: 'file', file: lab.solution } as const
      const definition = { ...(await loadLab(lab.slug)), concurrent: false }
      await keep(lab, await judge({ lab: definition, target, launcher, peers, seed: SEED }))
    }
  } finally {
    await Promise.all([launcher.close(), peers.close()])
  }
}

async function keep(lab: LabPaths, verdict: Verdict): Promise<void> {
  if (!verdict.passed) {
    const failed = verdict.checks.filter((check) => check.state === 'failed').map((check) => check.id)
    throw new Error(`The reference of ${lab.slug} fails: ${verdict.problem?.title ?? failed.join(', ')}`)
  }
  const checks = verdict.checks.filter((check) => check.state === 'passed').map(shorten)
  const file = join(dirname(lab.page), 'recorded-run.json')
  const lines = checks.map((check) => `  ${JSON.stringify(check)}`)
  await writeFile(file, `{"lab": ${JSON.stringify(lab.slug)}, "checks": [\n${lines.join(',\n')}\n]}\n`)
  process.stdout.write(`${relativePath(file)}: ${String(checks.length)} checks\n`)
}

function shorten({ id, title, steps, trace }: CheckResult): Pick<CheckResult, 'id' | 'title' | 'steps' | 'trace'> {
  return { id, title, steps, trace: trace.slice(0, MAX_EVENTS).map(tidy) }
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

await main()
