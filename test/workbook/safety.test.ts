/** Attacks on the running site, from outside: what `npm start` starts must do nothing for anybody but its own pages. */
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startSite, type SiteServer } from '../browser/site-server.ts'
import { copyWorkbook, type WorkbookCopy } from '../browser/workbook-copy.ts'
import { rawSite, type Headers, type RawPage, type RawSite } from './support/raw-site.ts'

const SLUG = '00-warm-up'
const SECRET = 'what nobody else may read'
const IS_WINDOWS = process.platform === 'win32'

let workbook: WorkbookCopy
let site: SiteServer
let raw: RawSite
let own: string
let token: string
let socketPath: string
let mine: string
/** Holds what must not be reached, and what an opened editor leaves. */
let outside: string

beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'outside '))
  writeFileSync(join(outside, 'secret.txt'), SECRET)
  writeFileSync(join(outside, 'editor.sh'), `#!/bin/sh\necho "$@" >> '${join(outside, 'opened')}'\n`)
  chmodSync(join(outside, 'editor.sh'), 0o755)
  process.env['LAUNCH_EDITOR'] = join(outside, 'editor.sh')
  workbook = copyWorkbook([SLUG])
  mine = join(workbook.root, 'labs', SLUG, 'mine.ts')
  if (!IS_WINDOWS) symlinkSync(join(outside, 'secret.txt'), join(workbook.root, 'labs', SLUG, 'link.txt'))
  site = await startSite(workbook.root)
  raw = rawSite(site.origin)
  own = `http://127.0.0.1:${String(raw.port)}`
  token = await found('/', /name="workbook-session" content="([^"]+)"/)
  socketPath = `/?token=${await found('/@vite/client', /wsToken = "([^"]+)"/)}`
})

afterAll(async () => {
  await site.stop()
  workbook.remove()
  rmSync(outside, { recursive: true, force: true })
  delete process.env['LAUNCH_EDITOR']
})

describe('who may ask', () => {
  const foreign = ['station.example', 'station.example:5173', '127.0.0.1.station.example', 'x.localhost', 'localhost.station.example',
    '10.0.0.1', '0.0.0.0', '[::2]', '127.0.0.1:5173@station.example', 'file://x', '', ' ']
  test.each(foreign)('a request to the host "%s" is refused', async (Host) => {
    for (const path of ['/', '/@vite/client', `/@fs${workbook.root}/package.json`]) {
      const { status, text } = await raw.ask(encodeURI(path), { Host })
      expect([400, 403], path).toContain(status)
      expect(text).not.toContain(token)
    }
  })

  test('another site\'s page reads nothing, frames nothing, and may follow a link', async () => {
    for (const Origin of ['http://station.example', 'http://127.0.0.1:9', 'null']) {
      const { head } = await raw.ask('/', { Origin })
      expect(head.toLowerCase()).not.toContain('access-control-allow')
      expect(head).toMatch(/frame-ancestors 'self'/)
      expect(head).toMatch(/Cross-Origin-Resource-Policy: same-origin/)
    }
    for (const site of ['cross-site', 'same-site']) {
      expect((await raw.ask('/@vite/client', { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' })).status).toBe(403)
      expect((await raw.ask('/', { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' })).status).toBe(403)
      expect((await raw.ask('/', { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' })).status).toBe(200)
    }
  })
})

describe('whose socket is opened', () => {
  const refused: [name: string, headers: () => Headers][] = [
    ['without an Origin', () => ({})],
    ['of another port', () => ({ Origin: 'http://127.0.0.1:9' })],
    ['of another site', () => ({ Origin: 'http://station.example' })],
    ['of a page without a name', () => ({ Origin: 'null' })],
    ['of a name that leads here', () => ({ Host: `station.example:${String(raw.port)}`, Origin: `http://station.example:${String(raw.port)}` })],
    ['of a number that leads here', () => ({ Host: `10.0.0.1:${String(raw.port)}`, Origin: `http://10.0.0.1:${String(raw.port)}` })],
    ['that asks for another protocol', () => ({ 'Origin': own, 'Sec-WebSocket-Protocol': 'chat' })],
    ['of another site that only looks whether somebody is there', () => ({ 'Origin': 'http://station.example', 'Sec-WebSocket-Protocol': 'vite-ping' })],
  ]
  test.each(refused)('not one %s', async (_name, headers) => {
    const page = await raw.open(socketPath, headers())
    expect(page.isOpen).toBe(false)
    await page.closed
    expect(page.refusal).toMatch(/^HTTP\/1\.1 403 /)
  })

  test('not one with a guessed token of Vite\'s', async () => {
    const page = await raw.open('/?token=guessed', { Origin: own })
    await page.closed
    expect(page.isOpen).toBe(false)
  })

  test.each(['*:99999999', '//', '/%', 'http://station.example:99999/'])('an address that cannot be read (%s) ends nothing', async (path) => {
    const page = await raw.open(path, { Origin: own })
    await page.closed
    expect(page.isOpen).toBe(false)
    await expectAlive()
  })
})

describe('what a page may say', () => {
  test('nothing without the session\'s token', async () => {
    const page = await openOwn()
    const message = { type: 'start', slug: SLUG }
    for (const data of [null, 'start', [], message, { message }, { token: '', message }, { token: null, message }, { token: token.slice(1), message },
      { token: `${token}x`, message }, { token: [token], message }, { token: token.toUpperCase(), message }]) {
      say(page, data)
    }
    await expectIgnored(page)
    expect(existsSync(mine)).toBe(false)
  })

  test('nothing of a lab that is none, however it is written', async () => {
    const page = await openOwn()
    const slugs = ['..', '../..', `../${SLUG}`, `${SLUG}/..`, `${SLUG}/../${SLUG}`, `./${SLUG}`, '%2e%2e', `..%2f${SLUG}`, '..\\..', `${SLUG}\0`, `${SLUG}\0.txt`,
      '/etc', outside, '00', '', ' ', '__proto__', 'constructor', SLUG.toUpperCase(), `${SLUG}${'x'.repeat(20_000)}`, [SLUG], { toString: SLUG }, 0, null]
    for (const slug of slugs) for (const type of ['open', 'start', 'reset']) say(page, { token, message: { type, slug } })
    say(page, { token, message: { type: 'restore', slug: SLUG, version: '../../1' } })
    say(page, { token, message: { type: 'replay', slug: SLUG, check: '../x' } })
    say(page, { token, message: { type: 'diff', slug: SLUG, against: '../../../../etc/passwd' } })
    say(page, { token, message: { type: ['start'], slug: SLUG } })
    await expectIgnored(page)
    expect(existsSync(mine)).toBe(false)
  })

  test('nothing that is no JSON, and nothing without end', async () => {
    const page = await openOwn()
    for (const text of ['', '{', 'null', '"custom"', '{"type":"custom"}', '['.repeat(60_000), '{"type":"custom","event":"__proto__","data":{}}']) page.sendText(text)
    await expectIgnored(page)
    const greedy = await openOwn()
    greedy.sendText(`{"type":"custom","event":"workbook:page","data":"${'x'.repeat(32_000_000)}"}`)
    await greedy.closed
    await expectAlive()
  })

  test('what it is for: with the token it begins the lab', async () => {
    const page = await openOwn()
    say(page, { token, message: { type: 'start', slug: SLUG } })
    await vi.waitFor(() => { expect(existsSync(mine)).toBe(true) }, { timeout: 8_000 })
    page.close()
  })
})

test('hundreds of connections, silent, half spoken or without end, keep no page waiting', async () => {
  const half = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${String(raw.port)}\r\nX: `
  const bytes = ['', half, 'GET', '\0\0\0\0', `POST / HTTP/1.1\r\nHost: 127.0.0.1:${String(raw.port)}\r\nContent-Length: 999999999\r\n\r\n{`]
  const sockets = await Promise.all(Array.from({ length: 400 }, (_none, index) => raw.connect(bytes[index % bytes.length])))
  await expectAlive()
  const pages = await Promise.all(Array.from({ length: 150 }, () => raw.open(socketPath, { Origin: own })))
  const open = pages.filter(({ isOpen }) => isOpen).length
  expect(open).toBeGreaterThan(90)
  expect(open).toBeLessThanOrEqual(100)
  await expectAlive()
  for (const socket of sockets) socket.destroy()
  for (const page of pages) page.close()
  await vi.waitFor(async () => { (await openOwn()).close() }, { timeout: 3_000 })
})

describe('files', () => {
  test('outside the workbook none is served', async () => {
    const secret = encodeURI(join(outside, 'secret.txt').replaceAll('\\', '/'))
    const beside = `../${encodeURIComponent(basename(outside))}/secret.txt`
    const endings = ['', '?raw', '?import&raw', '?url', '?raw??', '?import&raw??', '?inline&import', '?.svg?.wasm?init', '?html-proxy&index=0.js', '?worker', '?v=1#x']
    const paths = [`/@fs/${secret}`, `/@fs${secret}`, `/@id/${secret}`, `/@id/__x00__${secret}`, secret, `/@fs${encodeURI(workbook.root)}/${beside}`,
      `/@fs${encodeURI(workbook.root)}/docs/../${beside}`, `/${beside}`, `/..%2f${beside.replaceAll('/', '%2f')}`, `/%2e%2e/${beside}`, `/..\\..\\${beside}`,
      `/@fs${encodeURI(workbook.root)}/..%2f${encodeURIComponent(basename(outside))}%2fsecret.txt`]
    for (const path of paths) {
      for (const ending of endings) expect((await raw.ask(`${path}${ending}`)).text, `${path}${ending}`).not.toContain(SECRET)
    }
  })

  test.skipIf(IS_WINDOWS)('none is opened in an editor but a lab\'s, and that by a page of our own alone', async () => {
    const secret = encodeURIComponent(join(outside, 'secret.txt'))
    const files = [secret, '/etc/passwd', `${encodeURIComponent(mine)}/../../../../etc/passwd`, encodeURIComponent(join(workbook.root, 'labs', SLUG, 'link.txt')),
      encodeURIComponent(join(workbook.root, 'package.json')), `file://${secret}`, 'labs', '']
    const own = { 'Sec-Fetch-Site': 'same-origin' }
    for (const file of files) expect((await raw.ask(`/__open-in-editor?file=${file}`, own)).status, file).toBe(403)
    const solution = encodeURIComponent(join(workbook.root, 'labs', SLUG, 'solution.ts'))
    const addresses = ['/__open-in-editor', '/__open-in-editor/', '/__open-in-editor/..', '/__open-in-editor/../x', '/__OPEN-in-editor/%2e%2e', '//__open-in-editor', '/__open-in-editor.x']
    for (const address of addresses) {
      for (const headers of [{}, { 'Sec-Fetch-Site': 'same-site' }, { Referer: 'http://127.0.0.1:9/' }]) {
        expect((await raw.ask(`${address}?file=${solution}`, headers)).status, address).toBe(403)
      }
      if (address !== '/__open-in-editor') expect((await raw.ask(`${address}?file=${secret}`, own)).status, address).toBe(403)
    }
    expect(existsSync(join(outside, 'opened'))).toBe(false)
    await raw.ask(`/__open-in-editor?file=${solution}`, own)
    await vi.waitFor(() => { expect(existsSync(join(outside, 'opened'))).toBe(true) }, { timeout: 3_000 })
  })
})

test('no request puts into the terminal what a terminal obeys', async () => {
  for (const path of ['/%1b%5d0;renamed%07.ts', '/x.ts?%1b%5b2J', '/@id/%1b%5d0;renamed%07', '/@fs/%1b%5b2Jx', '/@fs/etc/%1b%5b2J?import&raw', '/%c2%9b2J.md', '/%251b%255b2J.ts', '/%']) await raw.ask(path)
  expect(site.output().replaceAll(/\u001b\[\d+m/g, '')).not.toMatch(/[\u0001-\u0008\u000b-\u001f\u007f-\u009f]/)
})

function say(page: RawPage, data: unknown): void {
  page.sendJson({ type: 'custom', event: 'workbook:page', data })
}

/** What the pattern's group finds in the site's answer. The first answers of a site on a busy machine take longer than an attack waits. */
async function found(path: string, pattern: RegExp): Promise<string> {
  return vi.waitFor(async () => {
    const match = pattern.exec((await raw.ask(path)).text)?.[1]
    if (match === undefined) throw new Error(`${path} has not answered with ${String(pattern)}`)
    return match
  }, { timeout: 45_000, interval: 100 })
}

async function openOwn(): Promise<RawPage> {
  const page = await raw.open(socketPath, { Origin: own })
  expect(page.isOpen, page.refusal).toBe(true)
  return page
}

/** Messages are taken in turn: once the last one is answered, all before it would have been. */
async function expectIgnored(page: RawPage): Promise<void> {
  say(page, { token, message: { type: 'open', slug: SLUG } })
  await vi.waitFor(() => { expect(eventsOf(page).length).toBeGreaterThan(0) }, { timeout: 8_000 })
  expect(eventsOf(page).map((told) => told.data?.type)).toEqual(['lab'])
  page.close()
}

function eventsOf(page: RawPage): { data?: { type?: string } }[] {
  return page.received().filter((told) => (told as { event?: string }).event === 'workbook:server') as { data?: { type?: string } }[]
}

async function expectAlive(): Promise<void> {
  const beganAt = performance.now()
  expect((await raw.ask('/')).status).toBe(200)
  expect(performance.now() - beganAt).toBeLessThan(2_000)
}
