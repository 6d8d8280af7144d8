/** The table of programs that misbehave: what each must be told, whichever lab it is handed in for. */
import type { ProblemCode } from '../../harness/types/index.ts'

/** One program of `test/workbook/hostile`. */
export interface Hostile {
  /** Its file's name there, without `.ts`. */
  name: string
  /** A closed gate: it does not come as far as a check. Otherwise the first failed check tells. */
  isGate?: true
  /** The diagnosis of the gate or of that check; none where the answer alone is wrong. */
  code?: ProblemCode
  /** What that check says. */
  message?: RegExp
  /** Where the mistake is. */
  line?: number
  remark?: RegExp
  /** It burns or fills for a while before that can be called endless: longer beside other tests. */
  isLabour?: true
  /** It keeps the judge or the processor busy: others get their time when it is judged alone. */
  isAlone?: true
}

/** Programs that misbehave in the same way whatever they are asked. */
export const HOSTILE: readonly Hostile[] = [
  { name: 'broken/syntax-error', isGate: true, code: 'syntax-error', line: 3 },
  { name: 'broken/missing-import', isGate: true, code: 'missing-import', line: 1 },
  { name: 'throws-at-start', isGate: true, code: 'threw-at-start', line: 3 },
  { name: 'exits-at-once', isGate: true, code: 'ended-by-itself' },
  { name: 'calls-exit', isGate: true, code: 'called-exit', line: 4 },
  { name: 'never-listens', isGate: true, code: 'never-listens' },
  { name: 'listens-on-the-next-port', isGate: true, code: 'wrong-port' },
  { name: 'binds-ipv6-only', isGate: true, code: 'wrong-address' },
  { name: 'loops-at-top-level', isGate: true, code: 'endless-loop', isLabour: true, isAlone: true },
  { name: 'aborts', code: 'crashed', message: /SIGABRT/ },
  { name: 'changes-cwd', code: 'crashed', message: /tape is torn/, line: 12 },
  { name: 'crashes-in-request', code: 'crashed', message: /crash/i, line: 5 },
  { name: 'cuts-its-channel', code: 'exited', message: /ended by itself/ },
  { name: 'exits-in-request', code: 'exited', message: /process\.exit/, line: 4 },
  { name: 'eats-memory', code: 'out-of-memory', message: /memory/, isLabour: true, isAlone: true },
  { name: 'loops-in-handler', code: 'endless-loop', message: /loop/, isLabour: true, isAlone: true },
  { name: 'replaces-globals', code: 'crashed', message: /crash/, line: 8 },
  { name: 'throws-async', code: 'crashed', message: /tape is torn/, line: 4 },
  { name: 'answers-garbage', message: /not HTTP/ },
  { name: 'answers-half', message: /cut off in the middle/ },
  { name: 'answers-twice', message: /more followed|announced|not HTTP|Expected/ },
  { name: 'endless-body', message: /too large|did not end/, isAlone: true },
  { name: 'endless-headers', message: /headers .* too large/, isAlone: true },
  { name: 'endless-interim', message: /Only interim answers \(102 Processing\)/, isAlone: true },
  { name: 'headers-too-large', message: /headers .* too large/ },
  { name: 'never-answers', message: /No answer/ },
  { name: 'never-ends-body', message: /did not end/ },
  { name: 'resets-each-connection', message: /reset/ },
  { name: 'resets-mid-answer', message: /cut off in the middle/ },
  { name: 'speaks-first', message: /not HTTP/ },
  { name: 'child-without-a-mark', remark: /left 1 process running/ },
  { name: 'children-come-back', remark: /running, which had to be killed/ },
  { name: 'floods-stdout', isAlone: true },
  { name: 'forks-detached-child', remark: /left 1 process running/ },
  { name: 'ignores-sigterm', remark: /SIGTERM/ },
  { name: 'lies-to-the-judge' },
  { name: 'opens-10000-sockets', isAlone: true },
  { name: 'overrides-process-exit' },
]

/** Those that misbehave at what only a lab of event streams asks for. */
export const HOSTILE_STREAMS: readonly Hostile[] = [
  { name: 'streams/floods-events', message: /No event "signal" came/, isAlone: true },
  { name: 'streams/line-without-end', message: /no empty line ended an event/, isAlone: true },
  { name: 'streams/resets-stream', message: /ended before an event/ },
]

/** Those that misbehave at what only a lab of peers asks for. */
export const HOSTILE_PEERS: readonly Hostile[] = [
  { name: 'peers/never-links', message: /No data channel/ },
  { name: 'peers/crashes-natively', code: 'crashed', message: /SIGSEGV/ },
  { name: 'peers/floods-frames', message: /not the expected one/, isAlone: true },
]
