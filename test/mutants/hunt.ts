import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { judge } from '../harness/judge/judge.ts'
import { findLab, isFolderProgram, ROOT } from '../harness/labs.ts'
import type { CheckDefinition, LabDefinition, Launcher, PeerKit } from '../harness/types/index.ts'

export interface Hunt {
  /** What refused this program first: a check's id, or the code of a problem; undefined when nothing did. */
  killerOf(program: string): Promise<string | undefined>
  close(): void
}

/** Judges programs of one lab, from a folder that lies as the lab does: their imports find what they name. */
export function beginHunt(lab: LabDefinition, tools: { launcher: Launcher; peers: PeerKit }): Hunt {
  const root = join(ROOT, '.workbook', `mutants-${String(process.pid)}-${lab.slug}`)
  const folder = join(root, 'labs', lab.slug)
  mkdirSync(folder, { recursive: true })
  cpSync(join(ROOT, 'labs', 'shared'), join(root, 'labs', 'shared'), { recursive: true })
  const { solution } = findLab(lab.slug)
  const isFolder = isFolderProgram(solution)
  const kills = new Map<string, number>()
  let count = 0
  return {
    async killerOf(program) {
      const place = join(folder, `mutant-${String((count += 1))}`)
      const file = isFolder ? join(place, 'server.ts') : `${place}.ts`
      // Beside a mutant of a folder lab lies what lies beside its solution.
      if (isFolder) cpSync(dirname(solution), place, { recursive: true })
      writeFileSync(file, program)
      try {
        const killer = await firstRefusal(inTurn(lab, kills), file, tools)
        if (killer !== undefined) kills.set(killer, (kills.get(killer) ?? 0) + 1)
        return killer
      } finally {
        rmSync(isFolder ? place : file, { recursive: true, force: true })
      }
    },
    close: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** Checks that can run all at once are tried one after the other, and those first that have killed most: the first to fail ends the run. */
function inTurn(lab: LabDefinition, kills: ReadonlyMap<string, number>): LabDefinition {
  if (lab.concurrent !== true) return lab
  const killsOf = ({ id }: CheckDefinition): number => kills.get(id) ?? 0
  return { ...lab, concurrent: false, checks: lab.checks.toSorted((one, other) => killsOf(other) - killsOf(one)) }
}

/** Ends the run at the first check that fails: one is enough. */
async function firstRefusal(
  lab: LabDefinition, file: string, tools: { launcher: Launcher; peers: PeerKit },
): Promise<string | undefined> {
  const stop = new AbortController()
  let killer: string | undefined
  try {
    const verdict = await judge({
      lab,
      target: { kind: 'file', file },
      ...tools,
      signal: stop.signal,
      onEvent(event) {
        if (event.type !== 'check' || event.result.state !== 'failed') return
        killer ??= event.result.id
        stop.abort()
      },
    })
    return killer ?? verdict.problem?.code
  } catch (error) {
    if (killer === undefined) throw error
    return killer
  }
}
