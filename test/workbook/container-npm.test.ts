/** npm in a build, against the registry on loopback: the lock, what is for development alone, and nothing from outside. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startRegistry } from '../harness/container/npm/registry.ts'
import { ROOT } from '../harness/labs.ts'
import { PACKAGES, textOf, workshop } from './support/images.ts'

const manifest = JSON.stringify({ name: 'tried', version: '1.0.0', dependencies: { 'tide-tables': '^1.0.0' }, devDependencies: { 'harbour-lint': '^1.0.0' } })
const lock = JSON.stringify({
  name: 'tried', version: '1.0.0', lockfileVersion: 3, requires: true,
  packages: {
    '': { name: 'tried', version: '1.0.0', dependencies: { 'tide-tables': '^1.0.0' }, devDependencies: { 'harbour-lint': '^1.0.0' } },
    'node_modules/harbour-lint': { version: '1.0.0', dev: true },
    // As npm itself writes it: the public registry's address does not decide where npm asks.
    'node_modules/tide-tables': { version: '1.0.0', resolved: `https://registry.${'npmjs'}.org/tide-tables/-/tide-tables-1.0.0.tgz` },
  },
})

/** The versions of the two packages in an image, after these lines. */
async function versionsAfter(lines: string, files: Record<string, string> = {}): Promise<Record<string, string | undefined>> {
  const { build } = workshop({ 'package.json': manifest, 'package-lock.json': lock, ...files, 'Dockerfile': `FROM node\nWORKDIR /app\n${lines}\n` })
  const image = await build()
  const version = (name: string): string | undefined => {
    const text = textOf(image, `app/node_modules/${name}/package.json`)
    return text === undefined ? undefined : (JSON.parse(text) as { version: string }).version
  }
  return { tides: version('tide-tables'), lint: version('harbour-lint') }
}

describe.concurrent('npm in a build', () => {
  test.each([
    ['npm ci brings what the lock names', 'COPY . .\nRUN npm ci', { tides: '1.0.0', lint: '1.0.0' }],
    ['--omit=dev leaves out what is for development', 'COPY . .\nRUN npm ci --omit=dev', { tides: '1.0.0', lint: undefined }],
    ['and so does NODE_ENV', 'ENV NODE_ENV=production\nCOPY . .\nRUN npm ci', { tides: '1.0.0', lint: undefined }],
    ['npm install without the lock takes the newest', 'COPY package.json .\nRUN npm install --omit=dev', { tides: '1.1.0', lint: undefined }],
    ['npm install with the lock keeps to it', 'COPY . .\nRUN npm install', { tides: '1.0.0', lint: '1.0.0' }],
    ['npm prune takes away', 'COPY . .\nRUN npm ci && npm prune --omit=dev && npm cache clean --force', { tides: '1.0.0', lint: undefined }],
    ['the JSON form, and a mount that is a cache', 'COPY . .\nRUN --mount=type=cache,target=/var/cache/npm ["npm", "ci"]', { tides: '1.0.0', lint: '1.0.0' }],
  ])('%s', async (_what, lines, expected) => {
    expect(await versionsAfter(lines)).toEqual(expected)
  })

  test('npm ci without a lock says so, with the line', async () => {
    await expect(versionsAfter('COPY package.json .\nRUN npm ci')).rejects.toThrow(/line 4, `RUN npm ci`: npm ci failed\. It said:[\s\S]*existing package-lock\.json/)
  })

  test('a package that the registry does not have is told by its name', async () => {
    const wishful = JSON.stringify({ name: 'wishful', version: '1.0.0', dependencies: { 'no-such-tide-tables': '^1.0.0' } })
    await expect(versionsAfter('COPY package.json .\nRUN npm install', { 'package.json': wishful })).rejects.toThrow(/no-such-tide-tables/)
  })

  test('what a folder says of registries plays no part', async () => {
    const files = { '.npmrc': 'registry=http://127.0.0.1:9/\n' }
    expect(await versionsAfter('COPY . .\nRUN npm ci --omit=dev', files)).toEqual({ tides: '1.0.0', lint: undefined })
  })
})

test('the lock of lab 03 names the versions that the workbook is installed with', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'labs/03-container/solution/package-lock.json'), 'utf8')) as { packages: Record<string, { version: string }> }
  const known = new Set(PACKAGES.map(({ name, version }) => `${name}@${version}`))
  const unknown = Object.entries(packages).filter(([path]) => path !== '').map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`)
  // After an update of the workbook's own packages: npm run lab:npm -- 03 --folder labs/03-container/solution install
  expect(unknown.filter((one) => !known.has(one))).toEqual([])
})

test('the registry answers as npm asks: the newest is the latest, and an unknown name is 404', async () => {
  const registry = await startRegistry(PACKAGES)
  try {
    const told = await (await fetch(`${registry.url}tide-tables`)).json() as { 'dist-tags': { latest: string }; versions: Record<string, unknown> }
    expect(told['dist-tags'].latest).toBe('1.1.0')
    expect(Object.keys(told.versions)).toEqual(['1.0.0', '1.1.0'])
    expect((await fetch(`${registry.url}@esbuild%2flinux-x64`)).status).toBe(200)
    expect((await fetch(`${registry.url}no-such-package`)).status).toBe(404)
    expect((await fetch(`${registry.url}tide-tables/-/tide-tables-9.0.0.tgz`)).status).toBe(404)
  } finally {
    await registry.close()
  }
})
