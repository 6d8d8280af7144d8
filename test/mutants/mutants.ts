/** `npm run mutants [lab …]`: which small changes of a solution do the checks let pass? */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { endWith } from '../harness/cli/end.ts'
import { loadLab } from '../harness/judge/load.ts'
import { findLab, findLabs, relativePath } from '../harness/labs.ts'
import { createLauncher } from '../harness/launcher/launcher.ts'
import { createPeerKit } from '../harness/peers/kit.ts'
import { createRandom } from '../harness/random.ts'
import type { Launcher, PeerKit } from '../harness/types/index.ts'
import { EVERY_LAB, fileOfEquals, isEqual, readEquals, staleEquals } from './equals.ts'
import { beginHunt } from './hunt.ts'
import { mutantsOf } from './mutate.ts'
import type { Mutant } from './mutate.ts'

const USAGE = `Usage: npm run mutants -- [lab …] [options]
  --sample <n>   at most n mutants of each lab, drawn by the seed; default all
  --seed <n>     which ones; default 1
  --jobs <n>     how many are judged at once; default 2
  --all          also list the killed, each with the check that killed it`

/** The share of the mutants that are not equal which the checks have to kill. */
const REACH = 0.95

interface Options {
  sample: number
  seed: number
  jobs: number
  all: boolean
}

interface Row {
  slug: string
  killed: number
  survived: number
  equal: number
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '2' },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  // A browser takes more time than all other checks of a program together.
  process.env['CHROMIUM_PATH'] = '/no/browser'
  // So does an engine; and a room of its own shows no more of a changed server than a clean folder does.
  process.env['WORKBOOK_ENGINE'] = 'none'
  const options = { sample: Number(values.sample), seed: Number(values.seed), jobs: Number(values.jobs), all: values.all }
  const slugs = positionals.length === 0 ? findLabs().map((lab) => lab.slug) : positionals.map((name) => findLab(name).slug)
  const tools = { launcher: createLauncher(), peers: createPeerKit() }
  const rows: Row[] = []
  try {
    for (const slug of slugs) rows.push(await huntIn(slug, options, tools))
  } finally {
    await Promise.all([tools.launcher.close(), tools.peers.close()])
  }
  console.table(rows.map((row) => ({ lab: row.slug, killed: row.killed, survived: row.survived, equal: row.equal, share: shareText(row) })))
  const short = rows.filter((row) => share(row) < REACH)
  for (const { slug } of short) console.log(adviceFor(slug))
  return short.length === 0 ? 0 : 1
}

function adviceFor(slug: string): string {
  return [
    `${slug}: at least ${String(100 * REACH)} % must be killed. What survived above is one of two things:`,
    '  a mistake that no check sees: write the check, or',
    `  a change that keeps the contract: document it in ${relativePath(fileOfEquals(slug))}, a list of`,
    '    {"original": "<the line behind ->", "mutated": ["<the line behind +>", …], "reason": "<why the contract allows it>"}',
  ].join('\n')
}

async function huntIn(slug: string, options: Options, tools: { launcher: Launcher; peers: PeerKit }): Promise<Row> {
  const { solution } = findLab(slug)
  const program = readFileSync(solution, 'utf8')
  const [all, equals] = [mutantsOf(program), readEquals(slug)]
  for (const entry of staleEquals(all, equals)) console.log(`${slug}: stale equal, no such mutant: ${entry}`)
  const unequal = all.filter((mutant) => !isEqual(mutant, [...equals, ...readEquals(EVERY_LAB)]))
  const hunt = beginHunt(await loadLab(slug), tools)
  const row = { slug, killed: 0, survived: 0, equal: all.length - unequal.length }
  const judgeOne = async (mutant: Mutant): Promise<void> => {
    const killer = await hunt.killerOf(mutant.text)
    row[killer === undefined ? 'survived' : 'killed'] += 1
    if (killer === undefined || options.all) console.log(mutantText(relativePath(solution), mutant, killer))
  }
  try {
    const refused = await hunt.killerOf(program)
    if (refused !== undefined) throw new Error(`${slug}: its solution is refused by ${refused}; mutants of it tell nothing.`)
    const limit = pLimit(options.jobs)
    await Promise.all(sampleOf(unequal, options).map((mutant) => limit(judgeOne, mutant)))
  } finally {
    hunt.close()
  }
  return row
}

/** So many of them, drawn without putting back, in their order. */
function sampleOf(mutants: readonly Mutant[], { sample, seed }: Options): Mutant[] {
  if (sample >= mutants.length) return [...mutants]
  const { integer } = createRandom(seed)
  const places = mutants.map((_mutant, index) => index)
  const drawn = Array.from({ length: sample }, () => places.splice(integer(0, places.length - 1), 1)[0] ?? 0)
  return drawn.sort((one, other) => one - other).flatMap((place) => mutants[place] ?? [])
}

function mutantText(file: string, { line, operator, original, mutated }: Mutant, killer: string | undefined): string {
  const fate = killer === undefined ? 'survived' : `killed by ${killer}`
  return `${file}:${String(line)} ${operator}, ${fate}\n  - ${original}\n  + ${mutated}`
}

function share({ killed, survived }: Row): number {
  return killed + survived === 0 ? 1 : killed / (killed + survived)
}

function shareText(row: Row): string {
  return `${(100 * share(row)).toFixed(1)} %`
}

await endWith(await main())
