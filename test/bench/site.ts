import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Site {
  /** `http://127.0.0.1:5173/` */
  url: string
  close(): Promise<void>
}

/**
 * Starts the site with live checks as `npm start` does, and waits until it prints its address.
 * @param root the workbook's folder, or a sandbox
 * @throws Error with what it printed, when it ends or 60 s pass first
 */
export async function startSite(root: string): Promise<Site> {
  const script = join(root, 'node_modules', 'vitepress', 'bin', 'vitepress.js')
  const child = spawn(process.execPath, [script, 'dev', 'docs', '--host', '127.0.0.1'], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let printed = ''
  const url = await new Promise<string>((resolve, reject) => {
    const giveUp = (): void => { reject(new Error(`The site did not start:\n${printed}`)) }
    const timer = setTimeout(giveUp, 60_000)
    const read = (text: string): void => {
      printed += text
      const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0]
      if (address === undefined) return
      clearTimeout(timer)
      resolve(address)
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    child.once('exit', giveUp)
  })
  return {
    url,
    async close(): Promise<void> {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(timer)
    },
  }
}
