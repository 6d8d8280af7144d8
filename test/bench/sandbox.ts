import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { ROOT } from '../harness/labs.ts'

/** A copy of the workbook to save in, so that nobody's work is touched. */
export interface Sandbox {
  root: string
  remove(): void
}

const COPIED = ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'vitest.config.ts', 'docs', 'labs', 'test']
const LEFT_OUT = new Set(['node_modules', 'cache', 'dist'])

/**
 * @param install false shares this checkout's node_modules by a link
 */
export function makeSandbox({ install = false } = {}): Sandbox {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'harbour-radio-bench-')))
  for (const name of COPIED) {
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(root, name), { recursive: true, filter: isShared })
  }
  if (!install) symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction')
  mkdirSync(join(root, 'labs', 'floor'), { recursive: true })
  return { root, remove: () => { rmSync(root, { recursive: true, force: true, maxRetries: 3 }) } }
}

/** All but what was built, and the learner's work. */
function isShared(source: string): boolean {
  if (LEFT_OUT.has(basename(source))) return false
  return !/^labs[\\/][^\\/]+[\\/]mine/.test(relative(ROOT, source))
}
