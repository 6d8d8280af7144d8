import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../../harness/labs.ts'

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a command of the harness as `npm run` would, without npm. */
export function runCli(name: 'check' | 'lab' | 'manifest' | 'record', args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  const script = fileURLToPath(new URL(`../../harness/cli/${name}.ts`, import.meta.url))
  return run(process.execPath, ['--import', 'tsx', script, ...args], env)
}

/** Runs a program in the workbook's folder, or another, to its end. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = ROOT): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, INIT_CWD: ROOT, ...env } })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
    child.on('error', reject)
    child.on('close', (code) => { resolve({ code, stdout, stderr }) })
  })
}
