import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/**
 * Runs a script of the harness in a process of its own: the site imports none of the harness.
 * @param script from the workbook's folder
 * @returns what it printed
 * @throws Error with the script's own output when it fails
 */
export async function nodeText(script: string, ...args: string[]): Promise<string> {
  const options = { cwd: ROOT, maxBuffer: 64 * 1_048_576 }
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...args], options)
  return stdout
}

/** As {@link nodeText}, parsed as JSON. */
export async function nodeJson<T>(script: string): Promise<T> {
  return JSON.parse(await nodeText(script)) as T
}
