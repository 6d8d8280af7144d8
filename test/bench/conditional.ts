import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { findLab, ROOT } from '../harness/labs.ts'
import type { Row } from './table.ts'

const REQUESTS = 400
const PLAYLIST = { title: 'Bench', tracks: Array.from({ length: 20 }, (_, index) => `track ${String(index)}`) }
/** In which the processor's time is told: `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const TICK_MS = 10
const FIRST_PORT = 20_480

/** What it costs lab 04's reference to ask for conditions: the processor's time for so many PUTs, beside the starter's, which asks for none. */
export async function conditionalRow(rounds: number): Promise<Row> {
  const { solution, starter } = findLab('04')
  const [samples, floor]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    floor.push(await cpuOf(starter, FIRST_PORT + 2 * round, false))
    samples.push(await cpuOf(solution, FIRST_PORT + 2 * round + 1, true))
  }
  const name = `CPU of ${String(REQUESTS)} PUTs with If-Match, lab 04`
  return { name, samples, floor, floorName: 'its starter, without a condition', reach: 2 }
}

/** The processor's time is read from the system, which tells it on Linux. */
export const canMeasureCpu = process.platform === 'linux'

async function cpuOf(file: string, port: number, isConditional: boolean): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: ROOT, env: { ...process.env, PORT: String(port) }, stdio: 'ignore' })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    let tag = await firstTag(agent, port)
    // What is compiled on the way is not what a request costs.
    for (let count = 0; count < REQUESTS / 4; count += 1) tag = await put(agent, port, count, isConditional ? { 'if-match': tag } : {})
    const before = cpuMs(child.pid)
    for (let count = 0; count < REQUESTS; count += 1) tag = await put(agent, port, count, isConditional ? { 'if-match': tag } : {})
    return cpuMs(child.pid) - before
  } finally {
    agent.destroy()
    child.kill()
    await once(child, 'exit')
  }
}

async function firstTag(agent: Agent, port: number): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      return await put(agent, port, -1, { 'if-none-match': '*' })
    } catch {
      await sleep(50)
    }
  }
  throw new Error(`Nothing answers on port ${String(port)}`)
}

/** @returns the new tag */
function put(agent: Agent, port: number, count: number, condition: Record<string, string>): Promise<string> {
  const body = JSON.stringify({ ...PLAYLIST, title: `Bench ${String(count)} ${String(Math.random())}` })
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...condition }
    const sent = request({ port, host: '127.0.0.1', path: '/playlists/bench', method: 'PUT', agent, headers }, (answer) => {
      answer.resume().on('end', () => {
        if (answer.statusCode === 200 || answer.statusCode === 201) resolve(String(answer.headers.etag))
        else reject(new Error(`PUT was answered ${String(answer.statusCode)}`))
      })
    })
    sent.on('error', reject).end(body)
  })
}

/** User and system time of a process. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function cpuMs(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
