/** `npm run check`: judges labs and tells the verdicts on the terminal. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { loadLab } from '../judge/load.ts'
import { judge } from '../judge/judge.ts'
import type { JudgeOptions } from '../judge/judge.ts'
import { findLab, findLabs } from '../labs.ts'
import type { LabPaths } from '../labs.ts'
import { createLauncher } from '../launcher/launcher.ts'
import { createPeerKit } from '../peers/kit.ts'
import { jsonReport } from '../reporters/json.ts'
import { junitReport } from '../reporters/junit.ts'
import type { Launcher, PeerKit, Target, Verdict } from '../types/index.ts'
import { endWith } from './end.ts'
import { complaint, parseCheckArguments, UsageError } from './arguments.ts'
import type { CheckArguments } from './arguments.ts'
import { keepVersion } from './check-versions.ts'
import { checkHelp } from './options.ts'
import { createTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** The parts that all labs of one call share. */
interface Tools {
  launcher: Launcher
  peers: PeerKit
  terminal: Terminal
}

async function main(): Promise<number> {
  const args = parseCheckArguments(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd())
  if (args.help) {
    process.stdout.write(checkHelp())
    return 0
  }
  const labs = chooseLabs(args)
  const tools: Tools = { launcher: createLauncher(), peers: createPeerKit(), terminal: createTerminal(args) }
  try {
    if (args.watch) return await watchLabs(labs, args, tools)
    return await checkLabs(labs, args, tools)
  } finally {
    await Promise.all([tools.launcher.close(), tools.peers.close()])
  }
}

async function checkLabs(labs: readonly LabPaths[], args: CheckArguments, tools: Tools): Promise<number> {
  const verdicts: Verdict[] = []
  for (const lab of labs) {
    // Of several rounds on the same file the first is kept: the others say how sure it is, and nothing of the work.
    const keep = keepVersion(lab, args)
    for (let round = 0; round < args.repeat; round += 1) {
      const verdict = await checkLab(lab, args, tools, round)
      if (round === 0) keep(verdict)
      verdicts.push(args.repeat > 1 ? withoutPassed(verdict) : verdict)
    }
  }
  if (args.junit !== undefined) await writeFile(args.junit, junitReport(verdicts))
  tools.terminal.summary(verdicts)
  return verdicts.every((verdict) => verdict.passed) ? 0 : 1
}

/** Without the conversations of checks that passed: of a hundred runs they fill the memory, and no report tells them. */
function withoutPassed(verdict: Verdict): Verdict {
  return { ...verdict, checks: verdict.checks.map((check) => (check.state === 'failed' ? check : { ...check, steps: [], trace: [] })) }
}

async function checkLab(paths: LabPaths, args: CheckArguments, tools: Tools, round: number): Promise<Verdict> {
  const target: Target = args.target ?? { kind: 'file', file: paths.mine }
  const lab = await loadLab(paths.slug)
  const options: JudgeOptions = { lab, target, launcher: tools.launcher, peers: tools.peers, cold: args.cold }
  if (args.seed !== undefined) options.seed = args.seed
  if (args.shake !== undefined) options.shake = args.shake + round
  options.onEvent = (event) => {
    tools.terminal.event(event, lab)
  }
  const verdict = await judge(options)
  if (args.json) process.stdout.write(`${jsonReport(verdict)}\n`)
  return verdict
}

async function watchLabs(labs: readonly LabPaths[], args: CheckArguments, tools: Tools): Promise<number> {
  const [lab] = labs
  if (labs.length !== 1 || lab === undefined || args.target?.kind === 'url') {
    throw new UsageError('--watch follows one lab on this machine, as in: npm run check 01 -- --watch')
  }
  const { watchLab } = await import('./watch.ts')
  return watchLab(lab, args, tools)
}

function chooseLabs(args: CheckArguments): LabPaths[] {
  if (args.labs.length > 0) return args.labs.map((name) => begun(findLab(name), args))
  const all = findLabs().filter((lab) => existsSync(lab.mine))
  if (all.length === 0) throw new UsageError('You have not begun a lab yet. Begin the first one with: npm run lab 00')
  return all
}

function begun(lab: LabPaths, args: CheckArguments): LabPaths {
  if (args.target === undefined && !existsSync(lab.mine)) {
    throw new UsageError(`You have not begun this lab yet. Begin it with: npm run lab ${lab.slug.slice(0, 2)}`)
  }
  return lab
}

function complain(error: unknown): number {
  process.stderr.write(complaint(error, 'judge'))
  return 2
}

// Whoever read may have gone: `npm run check 01 -- --json | head`.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)

await endWith(await main().catch(complain))
