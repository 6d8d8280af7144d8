import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Verdict } from '../harness/types/index.ts'
import { findLab, wrongPrograms } from '../harness/labs.ts'
import { changed } from './floor.ts'
import { startLiveRunner, type LiveRunner } from './live-runner.ts'
import { referenceOf } from './rows.ts'

/** What came of saving again and again. */
export interface SaveReport {
  saves: number
  wrong: string[]
  missing: number
  /** From each save to its whole verdict. */
  wholeMs: number[]
  /** Of the judge: after a tenth of the saves, when all is warm, and after the last. */
  memoryBytes: { early: number; late: number }
  /** The last of 20 saves that came 20 ms apart was the one whose verdict stood. */
  burstSettled: boolean
}

const WITHIN_MS = 20_000

/** Saves the reference and the wrong programs of lab 00 in turn; each verdict must be the one that its program deserves. */
export async function saveAgainAndAgain(root: string, saves: number): Promise<SaveReport> {
  const { slug, source } = referenceOf('00')
  const wrong = wrongPrograms(findLab('00'))
  const programs = wrong.flatMap(({ name, file }) => [
    { name: 'solution', source, passes: true },
    { name, source: readFileSync(file, 'utf8'), passes: false },
  ])
  const runner = await startLiveRunner(root, slug, changed(source))
  const report: SaveReport = { saves, wrong: [], missing: 0, wholeMs: [], memoryBytes: { early: 0, late: 0 }, burstSettled: false }
  try {
    for (let turn = 0; turn < saves; turn += 1) {
      const program = programs[turn % programs.length]
      if (program === undefined) throw new Error('Lab 00 has no wrong program')
      const judged = await runner.save(changed(program.source), WITHIN_MS).catch(() => null)
      if (judged === null) report.missing += 1
      else report.wholeMs.push(judged.wholeMs)
      if (turn === Math.floor(saves / 10)) report.memoryBytes.early = runner.memoryBytes()
      if (judged !== null && judged.verdict.passed !== program.passes) report.wrong.push(`save ${String(turn + 1)}, ${program.name}: ${described(judged.verdict)}`)
    }
    report.memoryBytes.late = runner.memoryBytes()
    report.burstSettled = await settlesOnTheLast(runner, source, programs[1]?.source ?? source)
  } finally {
    await runner.close()
  }
  return report
}

async function settlesOnTheLast(runner: LiveRunner, right: string, wrong: string): Promise<boolean> {
  for (let turn = 0; turn < 19; turn += 1) {
    runner.write(changed(turn % 2 === 0 ? wrong : right))
    await sleep(20)
  }
  runner.write(changed(wrong))
  await sleep(4_000)
  return runner.verdicts().at(-1)?.passed === false
}

function described({ problem, checks }: Verdict): string {
  if (problem !== null) return problem.title
  const failed = checks.filter((check) => check.state === 'failed')
  return failed.length === 0 ? 'it passed' : failed.map((check) => `${check.id}: ${check.message ?? ''}`).join(', ')
}
