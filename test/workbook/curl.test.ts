/** A program that nobody here wrote is a client of the first two labs' references. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findLab, ROOT } from '../harness/labs.ts'
import { createLauncher } from '../harness/launcher/launcher.ts'
import type { Program } from '../harness/types/index.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0
const launcher = createLauncher()
const JSON_TYPE = ['-H', 'Content-Type: application/json']

afterAll(() => launcher.close())

describe.skipIf(!hasCurl)(`curl${hasCurl ? '' : ' (skipped: it is not installed)'}`, () => {
  describe('against lab 00', () => {
    const curl = useSolution('00')

    test('hears that the station is on the air', async () => {
      const answer = await curl('/')
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(answer).toMatch(/\r\ncontent-type: text\/plain/i)
      expect(answer).toMatch(/\r\n\r\nHarbour Radio is on the air$/)
    })

    test('gets 404 elsewhere', async () => {
      expect(await curl('/elsewhere')).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    })
  })

  describe('against lab 01', () => {
    const curl = useSolution('01')

    test('adds a show, reads it by its Location, deletes it', async () => {
      const created = await curl('/shows', ...JSON_TYPE, '-d', '{"title":"Night Boats","minutes":30}')
      expect(created).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
      const location = /\r\nlocation: (\S+)/i.exec(created)?.[1] ?? ''
      expect(location).toMatch(/^\/shows\/.+/)
      expect(await curl(location)).toContain('"title":"Night Boats"')
      expect(await curl(location, '-X', 'DELETE')).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
      expect(await curl(location)).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    })

    test('learns what a path allows', async () => {
      expect(await curl('/shows', '-X', 'PUT')).toMatch(/^HTTP\/1\.1 405 [^]*\r\nallow: .*GET/i)
    })

    test('is refused an upload that is too large, with and without a length', async () => {
      const title = 'x'.repeat(100_000)
      const body = JSON.stringify({ title, minutes: 30 })
      expect(await curl('/shows', ...JSON_TYPE, '-d', body)).toContain('413 Payload Too Large')
      const chunked = ['-H', 'Transfer-Encoding: chunked']
      expect(await curl('/shows', ...JSON_TYPE, ...chunked, '-d', body)).toContain('413 Payload Too Large')
    })
  })
})

/** Runs a lab's solution for the surrounding tests; returns curl aimed at it. */
function useSolution(query: string): (path: string, ...args: string[]) => Promise<string> {
  let program: Program
  beforeAll(async () => {
    const target = { kind: 'file', file: findLab(query).solution } as const
    program = await launcher.start({ target, cwd: ROOT, env: {}, preload: [] })
    expect(await program.ready()).toBeNull()
  })
  return async (path, ...args) => {
    const { stdout } = await promisify(execFile)('curl', ['-si', '--max-time', '5', ...args, `${program.origin}${path}`])
    return stdout
  }
}
