import type { Problem } from '../../types/index.ts'
import type { Case } from './case.ts'
import { diagnoseError } from './error.ts'
import { ownFrames, ownPlace, readablePath } from './stack.ts'
import { endOfOutput, mebibytes } from './words.ts'

/** What went wrong with a program that had been ready; null when it runs and its event loop turns. */
export async function diagnoseRun(found: Case): Promise<Problem | null> {
  const { evidence } = found
  const memory = diagnoseMemory(found)
  if (memory !== undefined) return memory
  if (evidence.exit !== undefined) {
    return evidence.uncaught === undefined ? diagnoseExit(found) : diagnoseError(evidence.uncaught, found)
  }
  return evidence.blocked === undefined ? null : diagnoseLoop(found)
}

/** Ended for the memory it took; undefined when it was not. */
export function diagnoseMemory({ evidence, bounds }: Case): Problem | undefined {
  const isHeapFull = evidence.exit !== undefined && /heap out of memory/.test(evidence.output.stderr)
  if (evidence.memoryBytes === undefined && !isHeapFull) return undefined
  const taken = evidence.memoryBytes === undefined ? '' : ` (${mebibytes(evidence.memoryBytes)})`
  return {
    code: 'out-of-memory',
    title: `Your program took more than ${mebibytes(bounds.memoryBytes)} of memory${taken} and was ended.`,
    hint: 'Something grows without a bound: a list that is only added to, a body that is kept whole, a loop that makes new objects. Or much is done at once: several password hashes, each with its own memory.',
    evidence: endOfOutput(evidence.output),
  }
}

/** An event loop that does not turn while the processor is busy. */
export function diagnoseLoop({ evidence, root, phase }: Case): Problem {
  const { file, line, column, sinceMs = performance.now() } = evidence.blocked ?? {}
  const where = line === undefined ? '' : ` at line ${line}`
  const effect = phase === 'start' ? 'so it does not listen' : 'so it answers nobody'
  const seconds = Math.max(1, Math.round((performance.now() - sinceMs) / 1_000))
  return {
    code: 'endless-loop',
    title: `Your program has been in a loop${where} for ${seconds} s and did not come back, ${effect}.`,
    hint:
      line === undefined
        ? 'One thread does everything. Look for a loop, or a regular expression, that takes very long on what it is given.'
        : 'One thread does everything: while it loops, nothing else can happen. What should end this loop, and does it ever happen?',
    ...(file === undefined ? {} : { file: readablePath(file, root), line, column }),
  }
}

/** Ended without an error. */
export function diagnoseExit(found: Case): Problem {
  const { evidence, phase, root } = found
  if (evidence.exitCalled !== undefined) return calledExit(found, evidence.exitCalled)
  const { code, signal } = evidence.exit ?? { code: null, signal: null }
  const printed = endOfOutput(evidence.output)
  if (signal !== null) {
    const title = `Your program was ended by the signal ${signal}${phase === 'start' ? ' before it listened' : ''}.`
    const hint = 'It did not end by itself: something sent that signal, or a native library failed.'
    return { code: phase === 'start' ? 'ended-by-itself' : 'crashed', title, hint, evidence: printed }
  }
  return {
    code: phase === 'start' ? 'ended-by-itself' : 'exited',
    title: `Your program ended by itself${phase === 'start' ? ' before it listened' : ''} (exit code ${code}).`,
    hint: endHint(code, found),
    ...(found.file === undefined ? {} : { file: readablePath(found.file, root) }),
    evidence: printed,
  }
}

function endHint(code: number | null, { phase, evidence: { output } }: Case): string {
  // Node's own code for it: https://nodejs.org/api/process.html#exit-codes
  if (code === 13) return 'It awaits something that can never happen: a promise that nobody resolves.'
  if (code !== 0 && endOfOutput(output) !== undefined) return 'An exit code other than 0 tells of an error. What the program printed last says which.'
  if (phase === 'run') return 'Something closed the server: a server that listens stays running. Look for close().'
  return 'Nothing was left for it to do. A server stays running because it listens: call listen() with process.env.PORT.'
}

function calledExit({ phase, root }: Case, { code, stack }: { code: number; stack: string }): Problem {
  const place = ownPlace(stack, root)
  const where = place.line === undefined ? '' : ` at line ${place.line}`
  return {
    code: phase === 'start' ? 'called-exit' : 'exited',
    title: `Your program called process.exit(${code})${where}${phase === 'start' ? ' before it listened' : ''}.`,
    hint: 'process.exit ends the server at once, for everybody. Leave it to the handler of SIGTERM.',
    ...place,
    evidence: ownFrames(stack, root).map((frame) => frame.text).join('\n') || undefined,
  }
}
