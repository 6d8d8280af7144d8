/** A program that nobody here wrote is a client of the first labs' references. */
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

  describe('against lab 02', () => {
    const curl = useSolution('02', { PRESENTERS: 'ida' })
    const post = (path: string, value: object, ...args: string[]): Promise<string> => curl(path, ...JSON_TYPE, '-d', JSON.stringify(value), ...args)
    const show = { title: 'Night Boats', minutes: 30 }

    async function signIn(name: string): Promise<string> {
      const credentials = { name, password: `tide tables of ${name}` }
      expect(await post('/accounts', credentials)).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
      const answer = await post('/sessions', credentials)
      expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
      return /"token":"([^"]+)"/.exec(answer)?.[1] ?? ''
    }

    test('is asked who it is, then refused as a listener, and let in as a presenter', async () => {
      expect(await post('/shows', show)).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n[^]*\r\nwww-authenticate: Bearer\r\n/i)
      const [ada, ida] = [await signIn('ada'), await signIn('ida')]
      // curl writes the header by itself, as RFC 6750 has it.
      expect(await post('/shows', show, '--oauth2-bearer', ada)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
      expect(await post('/shows', show, '--oauth2-bearer', ida)).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
      expect(await curl('/shows')).toContain('"title":"Night Boats"')
    })

    test('signs out, and its token is worth nothing', async () => {
      const token = await signIn('eve')
      expect(await curl('/me', '--oauth2-bearer', token)).toContain('{"name":"eve","role":"listener"}')
      expect(await curl('/sessions/current', '-X', 'DELETE', '--oauth2-bearer', token)).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
      expect(await curl('/me', '--oauth2-bearer', token)).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    })
  })
})

/** Runs a lab's solution for the surrounding tests; returns curl aimed at it. */
function useSolution(query: string, env: Record<string, string> = {}): (path: string, ...args: string[]) => Promise<string> {
  let program: Program
  beforeAll(async () => {
    const target = { kind: 'file', file: findLab(query).solution } as const
    program = await launcher.start({ target, cwd: ROOT, env, preload: [] })
    expect(await program.ready()).toBeNull()
  })
  return async (path, ...args) => {
    const { stdout } = await promisify(execFile)('curl', ['-si', '--max-time', '5', ...args, `${program.origin}${path}`])
    return stdout
  }
}
