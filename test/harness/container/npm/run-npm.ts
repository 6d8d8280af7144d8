import { spawn, spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'

export interface NpmOptions {
  /** Where the package.json is. */
  folder: string
  args: readonly string[]
  registry: string
  /** For its home and its cache: nothing of the reader's own configuration plays a part. */
  scratch: string
  env?: Readonly<Record<string, string>>
  signal?: AbortSignal
}

export interface NpmResult {
  code: number | null
  /** What it printed, stdout and stderr as they came. */
  output: string
  /** True when it was ended because it took too long. */
  isLate: boolean
}

/** npm on a busy machine takes seconds; this long it takes only when something hangs. */
export const NPM_MS = 45_000
const MAX_OUTPUT = 64_000

/**
 * Runs npm against a registry, with an environment of its own. Packages' install scripts do not run: they would be programs of
 * the host.
 * @throws Error with code `ERR_NO_NPM` where Node came without npm; the signal's reason when cancelled
 */
export async function runNpm({ folder, args, registry, scratch, env = {}, signal }: NpmOptions): Promise<NpmResult> {
  const home = join(scratch, 'home')
  await mkdir(home, { recursive: true })
  const child = spawn(process.execPath, [findNpm(), ...args, '--ignore-scripts'], {
    cwd: folder,
    env: { ...env, ...npmEnvironment(home, registry) },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    timeout: NPM_MS,
    killSignal: 'SIGKILL',
    ...(signal && { signal }),
  })
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-MAX_OUTPUT)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(signal?.aborted === true ? signal.reason as Error : error)
    })
    child.once('close', (code, killedBy) => {
      resolve({ code, output, isLate: killedBy === 'SIGKILL' })
    })
  })
}

function npmEnvironment(home: string, registry: string): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), ...(process.platform === 'win32' ? [process.env['PATH'] ?? ''] : ['/usr/bin', '/bin'])].join(delimiter),
    ...(process.platform === 'win32' && { SYSTEMROOT: process.env['SYSTEMROOT'] ?? '', USERPROFILE: home, APPDATA: home }),
    HOME: home,
    TMPDIR: home,
    TEMP: home,
    npm_config_registry: registry,
    npm_config_replace_registry_host: 'always',
    npm_config_userconfig: join(home, 'user.npmrc'),
    npm_config_globalconfig: join(home, 'global.npmrc'),
    npm_config_cache: join(home, 'cache'),
    npm_config_omit_lockfile_registry_resolved: 'true',
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_progress: 'false',
    npm_config_loglevel: 'warn',
    npm_config_fetch_retries: '2',
    npm_config_fetch_retry_mintimeout: '50',
    npm_config_engine_strict: 'false',
  }
}

/** npm as a file that Node runs: its command is a shell script on one system and a batch file on another. */
function findNpm(): string {
  const own = process.env['npm_execpath']
  const beside = [
    ...(own?.endsWith('npm-cli.js') === true ? [own] : []),
    join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js'),
    join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
  ].find((file) => existsSync(file))
  const found = beside ?? npmOnPath()
  if (found === undefined) throw Object.assign(new Error('There is no npm on this machine.'), { code: 'ERR_NO_NPM' })
  return found
}

function npmOnPath(): string | undefined {
  if (process.platform === 'win32') return undefined
  const link = spawnSync('/bin/sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim()
  const file = link === '' ? '' : realpathSync(link)
  return file.endsWith('.js') ? file : undefined
}
