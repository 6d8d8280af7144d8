import { setTimeout as sleep } from 'node:timers/promises'
import type { Exit, Problem, Program } from '../types/index.ts'
import { accepts } from './ports.ts'

const CONNECT_MS = 5_000
const NOTHING = { stdout: '', stderr: '', totalBytes: 0 }

/**
 * A program that somebody else runs: a classmate's, or one in another terminal. It can be asked, but not started,
 * stopped or killed.
 * @throws TypeError with code `ERR_INVALID_URL` for what is no URL
 */
export function programElsewhere(url: string): Program {
  const { protocol, hostname, port: written, origin } = new URL(url)
  const port = Number(written || (protocol === 'https:' ? 443 : 80))
  const host = hostname.replace(/^\[|\]$/g, '')
  let connected: Promise<Problem | null> | undefined
  const look = async (): Promise<Problem | null> => ((await connects(host, port)) ? null : unreachable(origin))
  return {
    port,
    origin,
    pid: 0,
    ready: () => (connected ??= look()),
    diagnose: async () => ((await accepts(port, 1_000, host)) ? null : unreachable(origin)),
    ended: new Promise<Exit>(() => undefined),
    kill: () => undefined,
    output: () => NOTHING,
    stop: async () => ({ exit: { code: null, signal: null }, ms: 0, killed: false, leftovers: 0 }),
  }
}

async function connects(host: string, port: number): Promise<boolean> {
  const deadline = performance.now() + CONNECT_MS
  while (performance.now() < deadline) {
    if (await accepts(port, deadline - performance.now(), host)) return true
    await sleep(100)
  }
  return false
}

function unreachable(origin: string): Problem {
  return {
    code: 'unreachable',
    title: `Nothing answers at ${origin}.`,
    hint: 'Is the program running there? It has to listen on an address that this machine can reach, and no firewall may be in between.',
  }
}
