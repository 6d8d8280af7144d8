/** `npm run flakes`: judges the references again and again while every core is busy. One refusal is a flake. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { judge } from '../harness/judge/judge.ts'
import { loadLab } from '../harness/judge/load.ts'
import { findLab, findLabs } from '../harness/labs.ts'
import { createLauncher } from '../harness/launcher/launcher.ts'
import { createPeerKit } from '../harness/peers/kit.ts'
import type { Launcher, PeerKit, Verdict } from '../harness/types/index.ts'
import { median, p95 } from './statistics.ts'

const USAGE = `Usage: npm run flakes -- [lab …] [options]
  --repeat-labs <n>   runs of each lab; default 100
  --idle              leaves the other cores alone
  --cold              starts each program afresh`

/** Computes for ever; the only waiting it knows is the scheduler's. */
const BUSY = 'for (let turn = 0; ; turn += 1) Math.sqrt(turn)'

interface Refusal {
  run: number
  seed: number
  what: string
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'repeat-labs': { type: 'string', default: '100' },
      'idle': { type: 'boolean', default: false },
      'cold': { type: 'boolean', default: false },
      'help': { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const slugs = positionals.length === 0 ? findLabs().map((lab) => lab.slug) : positionals.map((name) => findLab(name).slug)
  const busy = values.idle ? [] : Array.from({ length: availableParallelism() }, () => new Worker(BUSY, { eval: true }))
  const tools = { launcher: createLauncher(), peers: createPeerKit() }
  let flakes = 0
  try {
    for (const slug of slugs) flakes += await hunt(slug, Number(values['repeat-labs']), values.cold, tools)
  } finally {
    await Promise.all([tools.launcher.close(), tools.peers.close(), ...busy.map((worker) => worker.terminate())])
  }
  return flakes === 0 ? 0 : 1
}

async function hunt(slug: string, runs: number, cold: boolean, tools: { launcher: Launcher; peers: PeerKit }): Promise<number> {
  const refusals: Refusal[] = []
  const times: number[] = []
  const lab = await loadLab(slug)
  const target = { kind: 'file', file: findLab(slug).solution } as const
  for (let run = 1; run <= runs; run += 1) {
    const verdict = await judge({ lab, target, cold, ...tools })
    times.push(verdict.ms)
    if (verdict.passed) continue
    refusals.push({ run, seed: verdict.seed, what: refusalText(verdict) })
    console.log(`${slug}, run ${String(run)}, seed ${String(verdict.seed)}: ${refusalText(verdict)}`)
  }
  const time = `median ${median(times).toFixed(0)} ms, p95 ${p95(times).toFixed(0)} ms`
  console.log(`${slug}: ${String(refusals.length)} flakes in ${String(runs)} runs; ${time}`)
  return refusals.length
}

function refusalText(verdict: Verdict): string {
  if (verdict.problem !== null) return `${verdict.problem.code}: ${verdict.problem.title}`
  const failed = verdict.checks.filter((check) => check.state === 'failed')
  return failed.map((check) => `${check.id} (${check.message ?? ''})`).join('; ')
}

process.exitCode = await main()
