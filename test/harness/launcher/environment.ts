import { randomBytes } from 'node:crypto'

/** Marks every process of one program, so that a detached grandchild can be found. */
export const MARK_VARIABLE = 'HARBOUR_RADIO_RUN'

/** What a program needs to run at all. Everything else of the reader's environment stays outside. */
const ALLOWED = new Set([
  'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TZ', 'LANG', 'LANGUAGE', 'TMPDIR', 'TEMP', 'TMP',
  'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'USERNAME', 'HOMEDRIVE', 'HOMEPATH',
  'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE',
])

/** A value for {@link MARK_VARIABLE} that no other program has; it begins with the pid of the launcher's process. */
export function createMark(): string {
  return `${String(process.pid)}-${randomBytes(12).toString('hex')}`
}

/**
 * The whole environment of a learner's process.
 * @param own the contract's variables, which win
 */
export function programEnvironment(
  mark: string,
  own: Readonly<Record<string, string>> = {},
  source: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(source)) {
    const upper = name.toUpperCase()
    if (value !== undefined && (ALLOWED.has(upper) || upper.startsWith('LC_'))) environment[name] = value
  }
  return { ...environment, ...own, [MARK_VARIABLE]: mark }
}
