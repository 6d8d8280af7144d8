import type { Problem } from '../../types/index.ts'
import { listeningPorts } from '../system.ts'
import { listensOn } from '../evidence.ts'
import type { Case } from './case.ts'
import { diagnoseError } from './error.ts'
import { diagnoseExit, diagnoseLoop, diagnoseMemory } from './end.ts'
import { diagnoseListenError, diagnoseMisplaced, portTaken } from './listen.ts'
import { endOfOutput } from './words.ts'

/** Why a program's port does not answer. @param pids its processes, when it runs without a preload */
export async function diagnoseStart(found: Case, pids: readonly number[] = []): Promise<Problem> {
  const { evidence } = found
  if (evidence.spawnError !== undefined) return cannotStart(evidence.spawnError, found)
  const memory = diagnoseMemory(found)
  if (memory !== undefined) return memory
  if (evidence.exit !== undefined) return diagnoseEndAtStart(found)
  if (evidence.blocked !== undefined) return diagnoseLoop(found)
  const seen = { ...found, evidence: { ...evidence, listening: [...evidence.listening, ...seenFromOutside(pids)] } }
  return diagnoseMisplaced(seen) ?? (await diagnoseRefused(found)) ?? neverListens(found)
}

async function diagnoseEndAtStart(found: Case): Promise<Problem> {
  const { evidence, file } = found
  if (evidence.uncaught !== undefined) return diagnoseError(evidence.uncaught, found)
  if (file === undefined) return diagnoseCommandEnd(found)
  const refused = evidence.exitCalled === undefined ? undefined : await diagnoseRefused(found)
  return refused ?? diagnoseExit(found)
}

/** A program in another language tells by its exit code and by what it prints. */
async function diagnoseCommandEnd(found: Case): Promise<Problem> {
  const { exit, output } = found.evidence
  const printed = output.stderr + output.stdout
  if (exit?.code === 127 || exit?.code === 126) return cannotStart(undefined, found)
  if (/EADDRINUSE|address already in use|only one usage of each socket/i.test(printed)) {
    const [, port] = /(?:port|:)\s*(\d{2,5})\b/i.exec(printed) ?? []
    return { ...(await portTaken(Number(port ?? found.port), found)), evidence: endOfOutput(output) }
  }
  const isFailure = exit?.code !== 0
  return {
    code: isFailure ? 'threw-at-start' : 'ended-by-itself',
    title: `The program ended ${describeExit(exit)} before it listened.`,
    hint: isFailure ? 'What it printed last says why.' : 'A server stays running: it has to listen and wait for requests.',
    evidence: endOfOutput(output),
  }
}

function describeExit(exit: { code: number | null; signal: string | null } | undefined): string {
  return exit?.signal ? `by ${exit.signal}` : `with exit code ${exit?.code}`
}

async function diagnoseRefused(found: Case): Promise<Problem | undefined> {
  const error = found.evidence.listenErrors.at(-1)
  return error === undefined ? undefined : diagnoseListenError(error, found)
}

function neverListens(found: Case): Problem {
  const seconds = found.bounds.readyMs / 1_000
  if (listensOn(found.evidence, found.port)) {
    return {
      code: 'never-answers',
      title: `Your program listens on PORT, but took no connection within ${seconds} s.`,
      hint: 'Does something keep it busy from its start on? If it does not, the machine was too busy: try again.',
      evidence: endOfOutput(found.evidence.output),
    }
  }
  return {
    code: 'never-listens',
    title: `Your program runs, but did not listen within ${seconds} s.`,
    hint: 'Call listen() with the port from the environment, process.env.PORT. If you do, look for what comes before it and never ends, such as an await.',
    ...(found.file === undefined ? {} : { file: found.name }),
    evidence: endOfOutput(found.evidence.output),
  }
}

function cannotStart(error: NodeJS.ErrnoException | undefined, found: Case): Problem {
  const command = found.name.split(' ')[0] ?? found.name
  const isMissing = error?.code === 'ENOENT' || found.evidence.exit?.code === 127
  return {
    code: 'cannot-start',
    title: isMissing ? `The command "${command}" was not found.` : `The command "${command}" cannot be started.`,
    hint: isMissing
      ? 'Look at its spelling, and whether it is installed: the same words must start it in a terminal.'
      : 'The file has to be there, and you need the right to run it.',
    evidence: error?.message ?? endOfOutput(found.evidence.output),
  }
}

function seenFromOutside(pids: readonly number[]): { type: 'listening'; port: number; address: string }[] {
  return listeningPorts(pids).map(({ port, address }) => ({ type: 'listening', port, address: readableAddress(address) }))
}

/** The kernel writes addresses in hexadecimal, IPv4 with its lowest byte first. */
function readableAddress(hexadecimal: string): string {
  if (hexadecimal.length === 8) return (hexadecimal.match(/../g) ?? []).reverse().map((byte) => parseInt(byte, 16)).join('.')
  return /^0{24}01000000$/.test(hexadecimal) ? '::1' : /^0+$/.test(hexadecimal) ? '::' : hexadecimal
}
