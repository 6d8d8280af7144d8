import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, test } from 'vitest'
import { judge } from '../judge/judge.ts'
import { createLauncher } from '../launcher/launcher.ts'
import { finishDraft } from '../lab.ts'
import type { LabDraft } from '../lab.ts'
import { findLab } from '../labs.ts'
import { createPeerKit } from '../peers/kit.ts'
import { plainLine } from '../reporters/plain.ts'
import { failureText } from '../reporters/vitest-message.ts'
import type { CheckDefinition, CheckResult, JudgeEvent, Launcher, PeerKit, Verdict } from '../types/index.ts'

/** How the setup file hands on what a check file declares. */
export interface Registration {
  begin(): void
  add(check: CheckDefinition): void
}

/** A run that has begun: each test waits for its own check's result. */
interface Judging {
  result(id: string): Promise<CheckResult>
  end(): Promise<void>
}

/**
 * Makes each check of a lab a vitest test. The judge runs them, as it does for the page and the
 * command line, so that all three always agree. WORKBOOK_FILE names another file than mine.ts.
 */
export function registerLab(slug: string, draft: LabDraft): Registration {
  const file = targetFile(slug)
  let judging: Judging | undefined
  return {
    begin: () => {
      afterAll(() => judging?.end())
    },
    add: ({ id, title }) => {
      test(`${id}: ${title}`, async ({ skip }) => {
        if (!existsSync(file)) skip(`Not begun. Begin it with: npm run lab ${slug.slice(0, 2)}`)
        judging ??= startJudging(slug, draft, file)
        const result = await judging.result(id)
        if (result.state === 'skipped') skip(plainLine(result.message ?? ''))
        if (result.state === 'failed') throw plainError(failureText(result))
      })
    },
  }
}

function targetFile(slug: string): string {
  const other = process.env['WORKBOOK_FILE']
  return other === undefined ? findLab(slug).mine : resolve(other)
}

function startJudging(slug: string, draft: LabDraft, file: string): Judging {
  const launcher = createLauncher()
  const peers = createPeerKit()
  const waiting = new Map(draft.checks.map((check) => [check.id, defer()]))
  const onEvent = (event: JudgeEvent): void => {
    if (event.type === 'check') waiting.get(event.result.id)?.resolve(event.result)
  }
  const lab = finishDraft(slug, draft)
  const run = judge({ lab, target: { kind: 'file', file }, launcher, peers, onEvent }).then(
    (verdict) => {
      for (const check of verdict.checks) waiting.get(check.id)?.resolve(closedGate(verdict, check))
    },
    (error: unknown) => {
      for (const { reject } of waiting.values()) reject(error)
    },
  )
  return {
    result: (id) => waiting.get(id)?.promise ?? Promise.reject(new Error(`No check ${id}`)),
    end: () => run.finally(() => endAll(launcher, peers)),
  }
}

interface Deferred {
  promise: Promise<CheckResult>
  resolve(result: CheckResult): void
  reject(error: unknown): void
}

/** `Promise.withResolvers`, which Node 20 has not. */
function defer(): Deferred {
  let settle: Pick<Deferred, 'resolve' | 'reject'> | undefined
  const promise = new Promise<CheckResult>((resolve, reject) => {
    settle = { resolve, reject }
  })
  promise.catch(() => undefined)
  return { promise, ...(settle as unknown as Pick<Deferred, 'resolve' | 'reject'>) }
}

/** Behind a closed gate no check was tried: the first one fails with the gate's problem, so that the run is red. */
function closedGate(verdict: Verdict, check: CheckResult): CheckResult {
  const { problem } = verdict
  if (problem === null || check !== verdict.checks[0]) return check
  const place = problem.file === undefined ? '' : ` (${problem.file}${problem.line === undefined ? '' : `:${String(problem.line)}`})`
  return { ...check, state: 'failed', message: `${problem.title}${place}`, hint: problem.hint, problem }
}

async function endAll(launcher: Launcher, peers: PeerKit): Promise<void> {
  await Promise.all([launcher.close(), peers.close()])
}

/** An error whose text is all a learner sees: the engine's own stack would only mislead. */
function plainError(text: string): Error {
  const error = new Error(text)
  error.stack = text
  return error
}

