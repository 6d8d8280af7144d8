import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a registry knows of one version of a package. */
export interface Published {
  name: string
  version: string
  manifest: Readonly<Record<string, unknown>>
  /** Where its files are; undefined for one that is known and not installed, as for another system. */
  folder?: string
}

interface LockEntry {
  name?: string
  version?: string
  link?: boolean
  [field: string]: unknown
}

/** Of a lock's entry, what a registry tells of a package. */
const TOLD = ['dependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta', 'engines', 'os', 'cpu', 'libc', 'bin']

/**
 * What the workbook itself is installed with, and the lab's own packages: `<folder>/<name>-<version>/`.
 * @param root the workbook's folder
 * @param ownFolder absolute
 */
export function findPackages(root: string, ownFolder: string): Published[] {
  return [...ownPackages(ownFolder), ...installedPackages(root)]
}

function ownPackages(folder: string): Published[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).sort().flatMap((item) => {
    const manifest = readManifest(join(folder, item))
    return manifest === undefined ? [] : [{ name: manifest.name, version: manifest.version, manifest, folder: join(folder, item) }]
  })
}

function installedPackages(root: string): Published[] {
  const file = join(root, 'package-lock.json')
  if (!existsSync(file)) return []
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages?: Record<string, LockEntry> }
  return Object.entries(lock.packages ?? {}).flatMap(([path, entry]) => {
    const name = entry.name ?? /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
    if (!path.includes('node_modules/') || name === undefined || entry.version === undefined || entry.link === true) return []
    const folder = join(root, path)
    const told = Object.fromEntries(TOLD.filter((field) => entry[field] !== undefined).map((field) => [field, entry[field]]))
    const manifest = { name, version: entry.version, ...told }
    return [{ name, version: entry.version, manifest, ...(existsSync(join(folder, 'package.json')) && { folder }) }]
  })
}

function readManifest(folder: string): ({ name: string; version: string } & Record<string, unknown>) | undefined {
  const file = join(folder, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string }) : undefined
}
