import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import tar from 'tar-stream'
import type { BaseRoot } from './base.ts'
import { BASE_TREE } from './base-folders.ts'
import type { BuiltImage } from './build.ts'
import type { ImageState } from './image-state.ts'

/** Something in the blobs: a layer, the configuration, the manifest. */
interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

const WHEN = '1970-01-01T00:00:00Z'
const TYPE = 'application/vnd.oci.image'
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' }

/**
 * Writes an image as an OCI image layout: what skopeo, umoci, podman and Docker read.
 * @param base what its lowest layer is; without one the image cannot run by itself
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function writeLayout({ state, layers, history }: BuiltImage, base: BaseRoot | undefined, folder: string): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const lowest = base === undefined ? [] : [await baseLayer(base, blobs)]
  const upper = layers.map(({ archive }) => putBlob(blobs, `${TYPE}.layer.v1.tar`, archive))
  const config = putBlob(blobs, `${TYPE}.config.v1+json`, json({
    created: WHEN,
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: configOf(state),
    rootfs: { type: 'layers', diff_ids: [...lowest, ...upper].map(({ digest }) => digest) },
    // Without `created` umoci does not read a history.
    history: [
      ...lowest.map(() => ({ created: WHEN, created_by: `FROM node (this machine's own, ${process.version})` })),
      ...history.map(({ text, layer }) => ({ created: WHEN, created_by: text, ...(layer === undefined && { empty_layer: true }) })),
    ],
  }))
  const manifest = putBlob(blobs, `${TYPE}.manifest.v1+json`, json({
    schemaVersion: 2, mediaType: `${TYPE}.manifest.v1+json`, config, layers: [...lowest, ...upper],
  }))
  writeFileSync(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }))
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'latest' } }
  writeFileSync(join(folder, 'index.json'), json({ schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests: [named] }))
}

function configOf(state: ImageState): object {
  return {
    Env: [...state.env].map(([name, value]) => `${name}=${value}`),
    WorkingDir: state.workdir,
    ...(state.user !== '' && { User: state.user }),
    ...(state.cmd !== undefined && { Cmd: state.cmd }),
    ...(state.entrypoint !== undefined && { Entrypoint: state.entrypoint }),
    ...(state.ports.length > 0 && { ExposedPorts: Object.fromEntries(state.ports.map((port) => [port, {}])) }),
    ...(state.labels.size > 0 && { Labels: Object.fromEntries(state.labels) }),
    ...(state.stopSignal !== undefined && { StopSignal: state.stopSignal }),
  }
}

function putBlob(blobs: string, mediaType: string, bytes: Buffer): Descriptor {
  const hash = createHash('sha256').update(bytes).digest('hex')
  writeFileSync(join(blobs, hash), bytes)
  return { mediaType, digest: `sha256:${hash}`, size: bytes.length }
}

/** The base image's layer is large, always the same, and made once. */
async function baseLayer({ folder }: BaseRoot, blobs: string): Promise<Descriptor> {
  const archive = `${folder}.tar`
  if (!existsSync(archive)) {
    const draft = `${archive}.${String(process.pid)}`
    await packFolder(folder, draft)
    await rename(draft, archive)
  }
  const hash = createHash('sha256')
  await pipeline(createReadStream(archive), hash)
  const digest = hash.digest('hex')
  await copyFile(archive, join(blobs, digest))
  return { mediaType: `${TYPE}.layer.v1.tar`, digest: `sha256:${digest}`, size: lstatSync(archive).size }
}

async function packFolder(folder: string, archive: string): Promise<void> {
  const pack = tar.pack()
  const written = pipeline(pack, createWriteStream(archive))
  const add = async (path: string): Promise<void> => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const inner = path === '' ? name : `${path}/${name}`
      const file = join(folder, inner)
      const stats = lstatSync(file)
      const { uid = 0, gid = 0 } = BASE_TREE.get(inner) ?? {}
      const head = { name: inner, mode: stats.mode & 0o7777, uid, gid, mtime: new Date(0) }
      if (stats.isDirectory()) {
        pack.entry({ ...head, name: `${inner}/`, type: 'directory' })
        await add(inner)
      } else if (stats.isSymbolicLink()) pack.entry({ ...head, type: 'symlink', linkname: readlinkSync(file) })
      else await pipeline(createReadStream(file), pack.entry({ ...head, type: 'file', size: stats.size }))
    }
  }
  await add('')
  pack.finalize()
  await written
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value))
}
