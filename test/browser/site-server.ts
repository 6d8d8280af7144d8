import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface SiteServer {
  /** `http://127.0.0.1:5173`, as it printed it. */
  origin: string
  process: ChildProcess
  /** All that it printed so far. */
  output(): string
  /** SIGTERM, then waits for its end. */
  stop(): Promise<void>
}

/**
 * Starts what `npm start` starts, in that folder.
 * @throws Error with its output when it prints no address within 30 s
 */
export async function startSite(root: string): Promise<SiteServer> {
  const { args } = startCommand(root)
  const script = join(root, 'node_modules', 'vitepress', 'bin', 'vitepress.js')
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  const origin = new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      printed += chunk.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(printed.replace(/\u001b\[\d+m/g, ''))
      if (found !== null) resolve(found[0])
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', () => { reject(new Error(`The site ended before it listened:\n${printed}`)) })
    setTimeout(() => { reject(new Error(`The site printed no address within 30 s:\n${printed}`)) }, 30_000).unref()
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  return { origin: await origin, process: child, output: () => printed, stop }
}

/** The arguments of package.json's `start`, so that this test starts what a learner starts. */
function startCommand(root: string): { args: string[] } {
  const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }
  const [program, ...args] = about.scripts.start.split(' ')
  if (program !== 'vitepress') throw new Error(`npm start is expected to run vitepress, not ${String(program)}`)
  return { args }
}
