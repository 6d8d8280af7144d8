import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../harness/labs.ts'
import { serveFolder, type StaticServer } from './serve-folder.ts'

export interface BuiltSite extends StaticServer {
  /** Where the built files are. */
  folder: string
}

/**
 * Builds the site into a folder of its own and serves it at `/`, as a web server on the internet would. The variable BUILT_SITE
 * names a folder with a site that is built already.
 * @throws Error with the build's output when it fails
 */
export async function startBuiltSite(): Promise<BuiltSite> {
  const given = process.env['BUILT_SITE']
  const folder = given ?? realpathSync(mkdtempSync(join(tmpdir(), 'harbour-site-')))
  if (given === undefined) await build(folder)
  const server = await serveFolder(folder)
  const close = async (): Promise<void> => {
    await server.close()
    if (given === undefined) rmSync(folder, { recursive: true, force: true })
  }
  return { ...server, folder, close }
}

async function build(folder: string): Promise<void> {
  const script = join(ROOT, 'node_modules', 'vitepress', 'bin', 'vitepress.js')
  const child = spawn(process.execPath, [script, 'build', 'docs', '--outDir', folder], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`The site does not build:\n${printed}`)
}
