import type { Problem, Program } from '../types/index.ts'

/** Stands for a program that could not even be started: a file that is not there, an image without a command. */
export function nothingRuns(problem: Problem): Program {
  const exit = { code: null, signal: null }
  return {
    port: 0,
    origin: 'http://127.0.0.1:0',
    pid: 0,
    ready: async () => problem,
    diagnose: async () => problem,
    ended: Promise.resolve(exit),
    kill: () => undefined,
    output: () => ({ stdout: '', stderr: '', totalBytes: 0 }),
    stop: async () => ({ exit, ms: 0, killed: false, leftovers: 0 }),
  }
}
