import type { Story } from '../story.ts'
import type { Trace } from '../trace.ts'
import type { Problem } from '../types/index.ts'
import { explainBreakdown, isDropped } from './breakdown.ts'
import type { Breakdown } from './breakdown.ts'
import { ExchangeError } from './exchange.ts'
import { ExchangeFailure, ProgramFailure } from './program-failure.ts'

export interface ExplainerOptions {
  story: Story
  trace?: Trace
  diagnose?: () => Promise<Problem | null>
}

/** Turns what an exchange threw into the failure that a learner reads. Always throws. */
export type Explain = (error: unknown) => Promise<never>

/** Made when a request begins. @param label what is asked, for people: `GET /shows` */
export function createExplainer({ story, trace, diagnose }: ExplainerOptions, label: string): Explain {
  const beganAt = trace?.now() ?? 0
  return async (error) => {
    if (!(error instanceof ExchangeError)) throw error
    const breakdown = wasRefused(trace, beganAt, error.breakdown) ? { ...error.breakdown, kind: 'refused' as const } : error.breakdown
    const problem = (await diagnose?.()) ?? null
    const { step, message, ...compared } = explainBreakdown(breakdown, label)
    story.failedStep(step)
    // A dropped connection says that the event loop turned: whatever is seen to loop now did not do it.
    const isCause = problem !== null && !(problem.code === 'endless-loop' && isDropped(breakdown.kind))
    if (isCause) throw new ProgramFailure(problem, label)
    throw new ExchangeFailure(breakdown.kind, message, compared)
  }
}

/** A recorder can only reset a connection that the program has refused; its trace knows better. */
function wasRefused(trace: Trace | undefined, beganAt: number, { kind }: Breakdown): boolean {
  if (trace === undefined || (kind !== 'reset' && kind !== 'closed')) return false
  return trace.events().some((event) => event.kind === 'connect' && event.lost === true && event.at >= beganAt)
}
