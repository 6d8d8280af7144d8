/** `npm run bench`: the figures of the workbook, each beside its floor, measured in the same run. */
import { existsSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { endWith } from '../harness/cli/end.ts'
import { findLabs } from '../harness/labs.ts'
import { findChromium } from '../harness/peers/browser/find.ts'
import { canMeasureCpu, conditionalRow } from './conditional.ts'
import { lighthouseFigures } from './lighthouse.ts'
import { coldCheckRow, hostileRow, liveRows, pageRow, type LiveGoal } from './rows.ts'
import { makeSandbox } from './sandbox.ts'
import { saveAgainAndAgain } from './saves.ts'
import { median, p95 } from './statistics.ts'
import { figureOf, tableText, type Figure, type Row } from './table.ts'
import { installFigures, proofFigure, type LimitFigure } from './whole.ts'

const USAGE = `Usage: npm run bench -- [options]
  --rounds <n>    samples of each figure; default 15
  --saves <n>     also saves so many times in a row: wrong and missing verdicts, p50 and p95, the judge's memory
  --only <text>   only the groups whose name contains the text: 00, 02, 10, page, cold, conditional, loop
  --all           also npm test, and a fresh install with its first page
  --lighthouse    also Lighthouse on the built site, median of five; alone with --only lighthouse
  --json <file>   also writes the figures as JSON`

/**
 * How far each lab is to go. The floor of all from 02 on is that of a plain server. What their contracts make a judge wait for (a session
 * that ends, an upload that stalls, a peer that has been silent for two seconds) does not get shorter on a faster machine; the floor does.
 */
const GOALS: readonly LiveGoal[] = [
  { lab: '00', floorLab: '00', firstReach: 0.3, wholeReach: 0.3 },
  { lab: '01', floorLab: '01', firstReach: 0.3, wholeReach: 1 },
  { lab: '02', floorLab: '01', wholeReach: 15 },
  { lab: '03', floorLab: '01', wholeReach: 50 },
  { lab: '04', floorLab: '01', wholeReach: 15 },
  { lab: '10', floorLab: '01', wholeReach: 6 },
]

const LIGHTHOUSE_RUNS = 5

interface Group {
  name: string
  run(root: string, rounds: number): Promise<Row[]>
}

function groups(): Group[] {
  const ready = new Set(findLabs().filter((lab) => existsSync(lab.solution) && existsSync(lab.checks)).map((lab) => lab.slug.slice(0, 2)))
  const goals = GOALS.filter((goal) => ready.has(goal.lab) && ready.has(goal.floorLab))
  const browser = findChromium()
  const inPage = browser === null ? [] : goals.filter((goal) => goal.firstReach !== undefined)
  if (browser === null) console.error('No Chromium was found: nothing is measured in a page.')
  return [
    ...goals.map((goal) => ({ name: `lab ${goal.lab}`, run: (root: string, rounds: number) => liveRows(root, goal, rounds) })),
    ...inPage.map((goal) => ({
      name: `page of ${goal.lab}`,
      run: async (root: string, rounds: number) => [await pageRow(root, browser ?? '', goal, rounds)],
    })),
    { name: 'cold check', run: async (root, rounds) => [await coldCheckRow(root, Math.ceil(rounds / 2))] },
    ...(canMeasureCpu && ready.has('04') ? [{ name: 'conditional', run: async (_root: string, rounds: number) => [await conditionalRow(Math.ceil(rounds / 5))] }] : []),
    { name: 'loop', run: async (root, rounds) => [await hostileRow(root, Math.ceil(rounds / 5))] },
  ]
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '15' },
      saves: { type: 'string' },
      only: { type: 'string' },
      all: { type: 'boolean', default: false },
      lighthouse: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const chosen = groups().filter((group) => group.name.includes(values.only ?? ''))
  const more = { saves: Number(values.saves ?? 0), all: values.all, lighthouse: values.lighthouse || values.only === 'lighthouse' }
  const report = await measure(chosen, Number(values.rounds), more)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  return report.failures.length === 0 ? 0 : 1
}

interface Report {
  node: string
  platform: string
  cores: number
  figures: Figure[]
  limits: LimitFigure[]
  failures: string[]
}

/** What is measured beside the groups. */
interface More {
  saves: number
  all: boolean
  lighthouse: boolean
}

async function measure(chosen: readonly Group[], rounds: number, { saves, all, lighthouse }: More): Promise<Report> {
  const report: Report = { node: process.version, platform: process.platform, cores: availableParallelism(), figures: [], limits: [], failures: [] }
  console.log(`Node ${report.node}, ${report.platform}, ${String(report.cores)} cores, ${String(rounds)} rounds; each floor is measured before each sample\n`)
  const sandbox = makeSandbox()
  try {
    for (const group of chosen) await attempt(group, sandbox.root, rounds, report)
    if (report.figures.length > 0) console.log(`\n${tableText(report.figures)}`)
    if (saves > 0) await tellSaves(sandbox.root, saves, report)
  } finally {
    sandbox.remove()
  }
  if (all) report.limits.push(proofFigure(), ...(await installFigures()))
  if (lighthouse) await tellLighthouse(report)
  for (const limit of report.limits) console.log(`${limit.name}: ${limit.text} (${limit.limitText}) ${limit.reached ? 'reached' : 'MISSED'}`)
  for (const failure of report.failures) console.error(`not measured: ${failure}`)
  return report
}

async function attempt(group: Group, root: string, rounds: number, report: Report): Promise<void> {
  console.error(`measuring: ${group.name} …`)
  try {
    report.figures.push(...(await group.run(root, rounds)).map(figureOf))
  } catch (error) {
    report.failures.push(`${group.name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function tellLighthouse(report: Report): Promise<void> {
  console.error('measuring: Lighthouse …')
  try {
    report.limits.push(...(await lighthouseFigures(LIGHTHOUSE_RUNS)))
  } catch (error) {
    report.failures.push(`Lighthouse: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function tellSaves(root: string, saves: number, report: Report): Promise<void> {
  console.error('measuring: saves …')
  const { wrong, missing, burstSettled, wholeMs, memoryBytes } = await saveAgainAndAgain(root, saves)
  const burst = burstSettled ? 'settled on the last' : 'did NOT settle on the last'
  console.log(`\n${String(saves)} saves in a row: ${String(wrong.length)} wrong verdicts, ${String(missing)} missing; 20 saves 20 ms apart ${burst}`)
  if (wholeMs.length > 0) console.log(`save → whole verdict, lab 00, over all of them: p50 ${median(wholeMs).toFixed(0)} ms, p95 ${p95(wholeMs).toFixed(0)} ms`)
  report.limits.push(...memoryFigure(saves, memoryBytes))
  if (wrong.length + missing > 0 || !burstSettled) report.failures.push(`saves: ${wrong.join('; ')}`)
}

/** What the judge takes must not grow with its runs. Before a hundred of them it is still warming up. */
function memoryFigure(saves: number, { early, late }: { early: number; late: number }): LimitFigure[] {
  if (saves < 100 || early === 0) return []
  const [before, after] = [early, late].map((bytes) => `${(bytes / 1_048_576).toFixed(0)} MiB`)
  return [{
    name: 'memory of the judge', value: late / early, text: `${before} after ${String(Math.floor(saves / 10))} runs, ${after} after ${String(saves)}`,
    limitText: 'at most 1.3 times as much', reached: late <= 1.3 * early,
  }]
}

await endWith(await main())
