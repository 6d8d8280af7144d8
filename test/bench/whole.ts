/** The figures that take minutes: the workbook's own proof, and a fresh install. */
import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../harness/labs.ts'
import { makeSandbox } from './sandbox.ts'
import { startSite } from '../browser/site-server.ts'

/** A figure with a fixed limit instead of a floor. */
export interface LimitFigure {
  name: string
  value: number
  text: string
  limitText: string
  reached: boolean
}

/** `npm test` in this checkout. */
export function proofFigure(): LimitFigure {
  const beganAt = performance.now()
  const isGreen = npm(['test'], ROOT)
  const value = (performance.now() - beganAt) / 1_000
  const text = `${value.toFixed(0)} s${isGreen ? '' : ', and it is red'}`
  return { name: 'npm test', value, text, limitText: 'at most 300 s', reached: isGreen && value <= 300 }
}

/** `npm install` in a fresh copy, then the time until the site serves its first page, and the size of what was installed. */
export async function installFigures(): Promise<LimitFigure[]> {
  const sandbox = makeSandbox({ install: true })
  try {
    const beganAt = performance.now()
    if (!npm(['install'], sandbox.root)) throw new Error('npm install failed')
    const installed = (performance.now() - beganAt) / 1_000
    const firstPage = await firstPageSeconds(sandbox.root)
    const megabytes = bytesUnder(join(sandbox.root, 'node_modules')) / 1024 / 1024
    return [
      { name: 'first page after npm install', value: firstPage, text: `${firstPage.toFixed(1)} s (the install itself: ${installed.toFixed(0)} s)`, limitText: 'at most 3 s', reached: firstPage <= 3 },
      { name: 'node_modules', value: megabytes, text: `${megabytes.toFixed(0)} MB`, limitText: 'at most 400 MB', reached: megabytes <= 400 },
    ]
  } finally {
    sandbox.remove()
  }
}

async function firstPageSeconds(root: string): Promise<number> {
  const beganAt = performance.now()
  const site = await startSite(root)
  try {
    const reply = await fetch(site.origin)
    await reply.text()
    if (!reply.ok) throw new Error(`The first page answered ${String(reply.status)}`)
    return (performance.now() - beganAt) / 1_000
  } finally {
    await site.stop()
  }
}

function npm(args: readonly string[], cwd: string): boolean {
  return spawnSync('npm', args, { cwd, stdio: 'ignore', shell: process.platform === 'win32' }).status === 0
}

function bytesUnder(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .map((item) => join(folder, item.name))
    .reduce((sum, path) => sum + (lstatSync(path).isDirectory() ? bytesUnder(path) : lstatSync(path).size), 0)
}
