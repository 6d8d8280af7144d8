import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import tar from 'tar-stream'
import { addEntry } from '../tar.ts'
import { fileEntry } from '../tree.ts'
import type { Published } from './packages.ts'

export interface Registry {
  /** `http://127.0.0.1:18734/` */
  url: string
  close(): Promise<void>
}

/**
 * An npm registry on loopback: as much of one as `npm ci` and `npm install` ask for.
 * @see https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
 */
export async function startRegistry(packages: readonly Published[]): Promise<Registry> {
  const server = createServer((request, response) => {
    answer(packages, request, response).catch(() => {
      response.writeHead(500).end()
    })
  })
  // npm keeps its connections; one that is closed just when it asks again would fail a build.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    close: () => new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    }),
  }
}

async function answer(packages: readonly Published[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1)
  const [, name, version] = /^(.+)\/-\/(?:[^/]*?)-(\d[^/]*)\.tgz$/.exec(path) ?? []
  if (name !== undefined) return sendArchive(response, packages.find((one) => one.name === name && one.version === version))
  const versions = packages.filter((one) => one.name === path)
  if (versions.length === 0) return send(response, 404, { error: 'not found' })
  send(response, 200, metadata(path, versions, `http://${request.headers.host ?? ''}`))
}

function metadata(name: string, versions: readonly Published[], origin: string): object {
  const sorted = [...versions].sort((left, right) => left.version.localeCompare(right.version, 'en', { numeric: true }))
  const short = name.replace(/^@[^/]+\//, '')
  return {
    name,
    'dist-tags': { latest: sorted.at(-1)?.version },
    versions: Object.fromEntries(sorted.map(({ version, manifest }) => {
      return [version, { ...manifest, dist: { tarball: `${origin}/${name}/-/${short}-${version}.tgz` } }]
    })),
  }
}

async function sendArchive(response: ServerResponse, found: Published | undefined): Promise<void> {
  if (found?.folder === undefined) return send(response, 404, { error: 'not found' })
  const bytes = await archiveOf(found.folder)
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length }).end(bytes)
}

/** What `npm pack` would make, of whole folders: `package/…`, without times, not compressed to be quick. */
async function archiveOf(folder: string): Promise<Buffer> {
  const pack = tar.pack()
  for (const path of filesUnder(folder)) {
    const file = join(folder, path)
    addEntry(pack, `package/${path}`, fileEntry(readFileSync(file), (statSync(file).mode & 0o100) !== 0))
  }
  pack.finalize()
  return gzipSync(await buffer(pack), { level: 0 })
}

/** Without the packages that were installed below it. */
function filesUnder(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .filter((item) => item.name !== 'node_modules')
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((item) => {
      const path = below === '' ? item.name : `${below}/${item.name}`
      if (item.isDirectory()) return filesUnder(folder, path)
      return item.isFile() ? [path] : []
    })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
