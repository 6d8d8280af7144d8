import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findLab } from '../harness/labs.ts'
import type { FromRunner, ToRunner } from '../harness/runner/messages.ts'
import type { ServerMessage, Verdict } from '../harness/types/index.ts'

/** How long a save took, as the page is told of it. Milliseconds from just before the write. */
export interface Judged {
  firstMs: number
  wholeMs: number
  verdict: Verdict
}

/** The dev server's runner process, driven as the dev server drives it, with one page that has one lab open. */
export interface LiveRunner {
  /** Writes the learner's file, in place as an editor does, and waits for the verdict on it. */
  save(content: string, withinMs?: number): Promise<Judged>
  /** Writes without waiting. */
  write(content: string): void
  /** All verdicts that have come so far, oldest first. */
  verdicts(): readonly Verdict[]
  /** Resident memory of the runner itself, without the programs that it judges; 0 where the system does not tell. */
  memoryBytes(): number
  close(): Promise<void>
}

/** Until a spare program stands ready again. */
export const SETTLE_MS = 1_500

/** @param root a sandbox */
export async function startLiveRunner(root: string, slug: string, firstContent: string): Promise<LiveRunner> {
  const mine = beginWith(root, slug, firstContent)
  const child = fork(join(root, 'test', 'harness', 'runner', 'main.ts'), {
    cwd: root,
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const news = listen(child)
  const opened = news.until((message) => message.type === 'verdict', 60_000)
  child.send({ type: 'page', client: 1, message: { type: 'open', slug } } satisfies ToRunner)
  await opened
  await sleep(SETTLE_MS)

  async function save(content: string, withinMs = 60_000): Promise<Judged> {
    const beganAt = performance.now()
    const before = news.lastRun()
    let firstMs: number | undefined
    const judged = news.until((message) => {
      if (!('run' in message) || message.run <= before) return false
      if (message.type === 'begin') firstMs = undefined
      if (message.type === 'check') firstMs ??= performance.now() - beganAt
      return message.type === 'verdict'
    }, withinMs)
    writeFileSync(mine, content)
    const message = await judged
    const wholeMs = performance.now() - beganAt
    return { firstMs: firstMs ?? wholeMs, wholeMs, verdict: verdictOf(message) }
  }

  return {
    save,
    write: (content) => { writeFileSync(mine, content) },
    verdicts: news.verdicts,
    memoryBytes: () => Number(spawnSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' }).stdout?.trim() ?? 0) * 1_024,
    async close(): Promise<void> {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/** Puts the learner's program there; of a lab of several files the reference's others round it. @returns what is saved from now on */
function beginWith(root: string, slug: string, content: string): string {
  const { folder, mine, solution } = findLab(slug, root)
  if (dirname(mine) !== folder) cpSync(dirname(solution), dirname(mine), { recursive: true })
  writeFileSync(mine, content)
  return mine
}

interface News {
  /** The first message from now on for which `isIt` says so. */
  until(isIt: (message: ServerMessage) => boolean, withinMs: number): Promise<ServerMessage>
  verdicts(): readonly Verdict[]
  /** The newest run heard of. A verdict comes once more when it has been kept, and must not be taken for the next one. */
  lastRun(): number
}

function listen(child: ChildProcess): News {
  const verdicts: Verdict[] = []
  let lastRun = 0
  child.on('message', ({ message }: FromRunner) => {
    if (message.type === 'verdict') verdicts.push(message.verdict)
    if ('run' in message) lastRun = Math.max(lastRun, message.run)
    if (message.type === 'error') console.error(`The runner says: ${message.message}`)
  })
  return {
    verdicts: () => verdicts,
    lastRun: () => lastRun,
    until: (isIt, withinMs) =>
      new Promise((resolve, reject) => {
        const onMessage = ({ message }: FromRunner): void => { if (isIt(message)) finish(() => { resolve(message) }) }
        const onExit = (): void => { finish(() => { reject(new Error('The runner has ended')) }) }
        const timer = setTimeout(() => { finish(() => { reject(new Error(`Nothing came in ${String(withinMs)} ms`)) }) }, withinMs)
        const finish = (settle: () => void): void => {
          clearTimeout(timer)
          child.off('message', onMessage).off('exit', onExit)
          settle()
        }
        child.on('message', onMessage).once('exit', onExit)
      }),
  }
}

function verdictOf(message: ServerMessage): Verdict {
  if (message.type !== 'verdict') throw new TypeError(`Expected a verdict, got ${message.type}`)
  return message.verdict
}
