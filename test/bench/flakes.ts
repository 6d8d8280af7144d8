/** `npm run flakes`: judges right programs again and again while every core is busy. One refusal is a flake. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endWith } from '../harness/cli/end.ts'
import { repeatLine } from '../harness/cli/terminal.ts'
import { judge } from '../harness/judge/judge.ts'
import type { JudgeOptions } from '../harness/judge/judge.ts'
import { loadLab } from '../harness/judge/load.ts'
import { findLab, findLabs, relativePath, ROOT } from '../harness/labs.ts'
import { createLauncher } from '../harness/launcher/launcher.ts'
import { createPeerKit } from '../harness/peers/kit.ts'
import { jsonReport } from '../harness/reporters/json.ts'
import type { Target, Verdict } from '../harness/types/index.ts'
import { otherStyles } from '../workbook/support/other-styles.ts'
import { keepBusy } from './busy.ts'
import { median, p95 } from './statistics.ts'

const USAGE = `Usage: npm run flakes -- [lab …] [options]
  --runs <n>           runs of each lab; default 100, with --shake 1 of each seed
  --shake <from..to>   shakes what goes over the wire, by each of these seeds
  --idle               leaves the cores alone
  --cold               starts each program afresh
  --styles             judges the right programs in other styles instead of the references

A run that failed is kept whole, with the conversation of each check, in .workbook/flakes/.`

/** How the references are judged. */
interface Plan {
  slugs: string[]
  runs: number
  /** Undefined: not shaken. */
  seeds: readonly (number | undefined)[]
  isIdle: boolean
  cold: boolean
  areStyles: boolean
}

/** Who is judged, by the checks of which lab. */
interface Prey {
  /** The lab's slug, or the slug and the style. */
  name: string
  slug: string
  target: Target
}

type Tools = Pick<JudgeOptions, 'launcher' | 'peers' | 'signal' | 'cold'>

/** @returns the exit code: 0 no flake, 1 at least one, 130 interrupted */
async function main(): Promise<number> {
  const plan = readPlan()
  if (plan === undefined) {
    console.log(USAGE)
    return 0
  }
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort())
  const idle = plan.isIdle ? () => undefined : keepBusy()
  const tools = { launcher: createLauncher(), peers: createPeerKit(), signal: interrupted.signal, cold: plan.cold }
  let flakes = 0
  try {
    for (const prey of plan.slugs.flatMap((slug) => preyOf(slug, plan))) flakes += await hunt(prey, plan, tools)
  } catch (error) {
    if (!interrupted.signal.aborted) throw error
    return 130
  } finally {
    idle()
    await Promise.all([tools.launcher.close(), tools.peers.close()])
  }
  return flakes === 0 ? 0 : 1
}

function readPlan(): Plan | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      shake: { type: 'string' },
      idle: { type: 'boolean', default: false },
      cold: { type: 'boolean', default: false },
      styles: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const slugs = positionals.length === 0 ? findLabs().map((lab) => lab.slug) : positionals.map((name) => findLab(name).slug)
  const runs = Number(values.runs ?? (values.shake === undefined ? 100 : 1))
  const seeds = values.shake === undefined ? [undefined] : seedsIn(values.shake)
  return { slugs, runs, seeds, isIdle: values.idle, cold: values.cold, areStyles: values.styles }
}

function preyOf(slug: string, { areStyles }: Plan): Prey[] {
  if (!areStyles) return [{ name: slug, slug, target: { kind: 'file', file: findLab(slug).solution } }]
  return otherStyles(slug).map(({ name, file, isPython }) => {
    return { name, slug, target: isPython ? { kind: 'command', command: ['python3', file] } : { kind: 'file', file } }
  })
}

/** The numbers in `1..20`, or in `7`. */
function seedsIn(text: string): number[] {
  const [, from, to = from] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? []
  if (from === undefined || Number(from) < 1 || Number(to) < Number(from)) throw new Error(`Expected --shake to be like 1..20, got "${text}".`)
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index)
}

async function hunt({ name, slug, target }: Prey, { runs, seeds }: Plan, tools: Tools): Promise<number> {
  const times: number[] = []
  let flakes = 0
  const lab = await loadLab(slug)
  for (let run = 1; run <= runs; run += 1) {
    for (const shake of seeds) {
      const verdict = await judge({ lab, target, ...tools, ...(shake !== undefined && { shake }) })
      times.push(verdict.ms)
      if (times.length % 10 === 0) console.error(`${name}: ${String(times.length)} of ${String(runs * seeds.length)} runs`)
      if (verdict.passed) continue
      flakes += 1
      tellFlake(name, verdict, times.length)
    }
  }
  const time = `median ${median(times).toFixed(0)} ms, p95 ${p95(times).toFixed(0)} ms`
  console.log(`${name}: ${String(flakes)} flakes in ${String(times.length)} runs; ${time}`)
  return flakes
}

function tellFlake(name: string, verdict: Verdict, run: number): void {
  console.log([
    `${name}, run ${String(run)}: ${refusalText(verdict)}`,
    `  its conversations: ${keepFlake(verdict)}`,
    `  again: ${repeatLine(verdict)}`,
  ].join('\n'))
}

/** Keeps the verdict with its traces. @returns the file, from the workbook's folder */
function keepFlake(verdict: Verdict): string {
  const folder = join(ROOT, '.workbook', 'flakes')
  mkdirSync(folder, { recursive: true })
  const shaken = verdict.shake === undefined ? '' : `-shake-${String(verdict.shake)}`
  const file = join(folder, `${verdict.lab}-seed-${String(verdict.seed)}${shaken}.json`)
  writeFileSync(file, `${jsonReport(verdict)}\n`)
  return relativePath(file)
}

function refusalText(verdict: Verdict): string {
  if (verdict.problem !== null) return `${verdict.problem.code}: ${verdict.problem.title}`
  const failed = verdict.checks.filter((check) => check.state === 'failed')
  return failed.map((check) => `${check.id} (${check.message ?? ''})`).join('; ')
}

await endWith(await main())
