import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findLab } from '../harness/labs.ts'
import type { Verdict } from '../harness/types/index.ts'
import { changed, measureFloor } from './floor.ts'
import { SETTLE_MS, startLiveRunner } from './live-runner.ts'
import { startLivePage } from './live-page.ts'
import type { Row } from './table.ts'

const FLOOR_NAME = 'node --import tsx mine.ts'

/** What is measured of one lab, and how far each figure is to go. */
export interface LiveGoal {
  lab: string
  /** The lab whose reference is the floor. */
  floorLab: string
  firstReach?: number
  wholeReach: number
}

/** save → first check and save → whole verdict, as the runner tells the page; a floor before each save. */
export async function liveRows(root: string, goal: LiveGoal, rounds: number): Promise<Row[]> {
  const { slug, source } = referenceOf(goal.lab)
  const floorSource = referenceOf(goal.floorLab).source
  const runner = await startLiveRunner(root, slug, changed(source))
  const [floor, first, whole]: number[][] = [[], [], []]
  try {
    for (let round = 0; round < rounds; round += 1) {
      floor?.push(await measureFloor(root, floorSource))
      const judged = await runner.save(changed(source))
      mustPass(judged.verdict)
      first?.push(judged.firstMs)
      whole?.push(judged.wholeMs)
      await sleep(SETTLE_MS)
    }
  } finally {
    await runner.close()
  }
  const row = { floorName: `${FLOOR_NAME} (lab ${goal.floorLab})`, floor: floor ?? [] }
  const rows = [{ ...row, name: `save → whole verdict, lab ${goal.lab}`, samples: whole ?? [], reach: goal.wholeReach }]
  if (goal.firstReach === undefined) return rows
  return [{ ...row, name: `save → first check's verdict, lab ${goal.lab}`, samples: first ?? [], reach: goal.firstReach }, ...rows]
}

/** save → the first check's row in a real page shows its new state. */
export async function pageRow(root: string, browser: string, goal: LiveGoal, rounds: number): Promise<Row> {
  const { slug, source } = referenceOf(goal.lab)
  const starter = readFileSync(findLab(goal.lab).starter, 'utf8')
  const page = await startLivePage(root, browser, slug, changed(source))
  const [samples, floor]: [number[], number[]] = [[], []]
  try {
    for (let round = 0; round < rounds; round += 1) {
      floor.push(await measureFloor(root, source))
      samples.push(await page.saveAndSee(changed(round % 2 === 0 ? starter : source)))
      await sleep(SETTLE_MS)
    }
  } finally {
    await page.close()
  }
  const name = `save → first check shown in the page, lab ${goal.lab}`
  return { name, samples, floor, floorName: `${FLOOR_NAME} (lab ${goal.lab})`, reach: goal.firstReach ?? 0.3 }
}

/** `npm run check 00` from nothing, as typed. */
export async function coldCheckRow(root: string, rounds: number): Promise<Row> {
  const { slug, source } = referenceOf('00')
  const mine = join(root, 'labs', slug, 'mine.ts')
  const [samples, floor]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    floor.push(await measureFloor(root, source))
    writeFileSync(mine, changed(source))
    const beganAt = performance.now()
    const child = spawn('npm', ['run', '--silent', 'check', '00'], { cwd: root, stdio: 'ignore', shell: process.platform === 'win32' })
    const [code] = (await once(child, 'exit')) as [number]
    if (code !== 0) throw new Error(`npm run check 00 ended with ${String(code)}`)
    samples.push(performance.now() - beganAt)
  }
  return { name: 'npm run check 00, cold', samples, floor, floorName: `${FLOOR_NAME} (lab 00)`, reach: 3 }
}

/** A handler that never returns: how long until its check says so. The limit is the check's own bound. */
export async function hostileRow(root: string, rounds: number): Promise<Row> {
  const limitMs = 5_000
  const { slug, source } = referenceOf('00')
  const looping = source.replace(/(app\.get\('\/', \(.*?\) => \{)/, '$1\n  while (port > 0) { /* for ever */ }')
  if (looping === source) throw new Error('The reference of lab 00 has no handler to put a loop in')
  const runner = await startLiveRunner(root, slug, changed(source))
  const samples: number[] = []
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { firstMs, verdict } = await runner.save(changed(looping))
      if (!verdict.checks.some((check) => check.problem?.code === 'endless-loop')) throw new Error('The loop was not found')
      samples.push(firstMs)
      await sleep(SETTLE_MS)
      mustPass((await runner.save(changed(source))).verdict)
      await sleep(SETTLE_MS)
    }
  } finally {
    await runner.close()
  }
  const reach = (limitMs + 1_000) / limitMs
  return { name: 'a loop in a handler → its verdict', samples, floor: [limitMs], floorName: "the check's limit", reach }
}

/** A lab's slug and its reference program. */
export function referenceOf(query: string): { slug: string; source: string } {
  const lab = findLab(query)
  return { slug: lab.slug, source: readFileSync(lab.solution, 'utf8') }
}

/** @throws Error naming what failed: a figure of a wrong verdict is worth nothing */
export function mustPass(verdict: Verdict): void {
  if (verdict.passed) return
  const failed = verdict.checks.filter((check) => check.state === 'failed').map((check) => `${check.id}: ${check.message ?? ''}`)
  throw new Error(`The reference of ${verdict.lab} was refused: ${verdict.problem?.title ?? failed.join('; ')}`)
}
