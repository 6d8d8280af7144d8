/** Programs that nobody here wrote read the image of lab 03: umoci and skopeo its layout, podman runs it in its lab's own check. */
import { execFile, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { baseRoot } from '../harness/container/base.ts'
import { writeLayout } from '../harness/container/layout.ts'
import { findCommand } from '../harness/container/rooms/find-command.ts'
import { ROOT } from '../harness/labs.ts'
import { temporaryFolder, workshop } from './support/images.ts'

const run = promisify(execFile)
const base = baseRoot(join(ROOT, '.workbook', 'cache', 'container'))

/** The layout of a small image, with a whiteout and the base image below. */
async function layout(): Promise<string> {
  const dockerfile = 'FROM node:20-slim\nENV STATION=tried\nWORKDIR /app\nCOPY . .\nRUN rm notes.md\nUSER node\nCMD ["node", "server.js"]\n'
  const image = await workshop({ 'Dockerfile': dockerfile, 'server.js': 'console.log("on the air")\n', 'notes.md': 'notes\n', '.dockerignore': 'Dockerfile\n.dockerignore\n' }).build()
  const folder = join(temporaryFolder(), 'layout')
  await writeLayout(image, base, folder)
  return folder
}

function has(command: string): { skip: boolean; why: string } {
  const skip = findCommand(command) === undefined || base === undefined
  return { skip, why: skip ? ` (skipped: there is no ${command})` : '' }
}

describe('the image on disk', () => {
  test('names each blob by its digest', async () => {
    const folder = await layout()
    const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: { digest: string; size: number }[] }
    const names = readdirSync(join(folder, 'blobs', 'sha256'))
    expect(names).toContain(manifests[0]?.digest.replace('sha256:', ''))
    const sums = spawnSync(process.execPath, ['-e', 'const c=require("crypto"),f=require("fs");for(const n of process.argv.slice(2))console.log(c.createHash("sha256").update(f.readFileSync(process.argv[1]+"/"+n)).digest("hex"))', join(folder, 'blobs', 'sha256'), ...names])
    expect(sums.stdout.toString().trim().split('\n')).toEqual(names)
  })

  const skopeo = has('skopeo')
  test.skipIf(skopeo.skip)(`is read by skopeo${skopeo.why}`, async () => {
    const folder = await layout()
    const { stdout } = await run('skopeo', ['inspect', '--config', `oci:${folder}:latest`])
    const { config, history } = JSON.parse(stdout) as { config: Record<string, unknown>; history: { created_by: string }[] }
    expect(config).toMatchObject({ User: 'node', WorkingDir: '/app', Cmd: ['node', 'server.js'] })
    expect(config['Env']).toContain('STATION=tried')
    expect(history.map((line) => line.created_by).slice(1)).toEqual(['ENV STATION=tried', 'WORKDIR /app', 'COPY . .', 'RUN rm notes.md', 'USER node', 'CMD ["node", "server.js"]'])
  })

  const umoci = has('umoci')
  test.skipIf(umoci.skip)(`is unpacked by umoci, whiteouts and all${umoci.why}`, async () => {
    const folder = await layout()
    const bundle = join(temporaryFolder(), 'bundle')
    await run('umoci', ['unpack', '--rootless', '--image', `${folder}:latest`, bundle])
    expect(readdirSync(join(bundle, 'rootfs', 'app'))).toEqual(['server.js'])
    expect(readdirSync(join(bundle, 'rootfs', 'usr', 'local', 'bin'))).toContain('node')
  })
})
