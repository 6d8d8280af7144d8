/** Programs that are started for a test of the launcher. All are stopped after each test. */
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import { createLauncher } from '../../harness/launcher/launcher.ts'
import type { Bounds, Launcher, Problem, Program, StartRequest } from '../../harness/types/index.ts'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
export const FOLDER = fileURLToPath(new URL('../fixtures/launcher/', import.meta.url))
export const FIXTURES = 'test/workbook/fixtures/launcher'
export const ON_LINUX = process.platform === 'linux'
const launchers: Launcher[] = []

export function launcher(bounds: Partial<Bounds> = {}): Launcher {
  const made = createLauncher({ bounds })
  launchers.push(made)
  return made
}

export function request(name: string, env: Record<string, string> = {}): StartRequest {
  return { target: { kind: 'file', file: `${FOLDER}${name}` }, cwd: ROOT, env, preload: ['express'] }
}

export function command(...words: string[]): StartRequest {
  return { target: { kind: 'command', command: words }, cwd: ROOT, env: {}, preload: [] }
}

export async function start(name: string, bounds: Partial<Bounds> = {}, env: Record<string, string> = {}): Promise<Program> {
  return launcher(bounds).start(request(name, env))
}

/** What is said of a program whose port never answers. */
export async function refused(name: string, bounds: Partial<Bounds> = {}, env: Record<string, string> = {}): Promise<Problem | null> {
  const program = await start(name, bounds, env)
  const problem = await program.ready()
  await program.stop()
  return problem
}

export async function text(program: Program, path = '/'): Promise<string> {
  return (await fetch(`${program.origin}${path}`)).text()
}

/** What the program `tells-all.ts` sees of its surroundings. */
export async function seen(program: Program): Promise<Record<string, unknown>> {
  return JSON.parse(await text(program)) as Record<string, unknown>
}

afterEach(async () => {
  await Promise.all(launchers.splice(0).map((each) => each.close()))
})
