import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { Plugin } from 'vitepress'
import type { ToRunner } from '../../test/harness/runner/messages.ts'
import { parsePageMessage } from '../../test/harness/runner/messages.ts'
import type { ServerMessage } from '../../test/harness/types/index.ts'
import { guardEditor, guardRequests } from './live/guard.ts'
import { createRunnerProcess, type RunnerProcess } from './live/runner-process.ts'
import { guardSockets } from './live/sockets.ts'

/** Events on Vite's own socket: a page's message, the runner's message. */
const FROM_PAGE = 'workbook:page'
const TO_PAGE = 'workbook:server'

/** The first page comes first; then the runner may have the processor. */
const START_MS = 1_500

type DevServer = Parameters<Extract<Plugin['configureServer'], (...args: never[]) => unknown>>[0]
type Page = Parameters<Parameters<DevServer['ws']['on']>[1]>[1]

export interface LiveOptions {
  /** The workbook's folder, absolute. */
  root: string
  /** The labs there are now, by folder. */
  slugs: () => string[]
}

/**
 * Live checks in the dev server: pages and the runner talk over Vite's socket. In a build it does nothing.
 *
 * Messages from a page start programs, so each must carry a token that only this server's own pages can read,
 * and the socket it comes over must have been opened by one of them.
 */
export function liveChecks({ root, slugs }: LiveOptions): Plugin {
  const token = randomBytes(24).toString('base64url')
  return {
    name: 'workbook:live',
    apply: 'serve',
    configureServer: {
      // Before whatever other plugins answer.
      order: 'pre',
      handler(server) {
        server.middlewares.use(guardRequests)
        server.middlewares.use(guardEditor(join(root, 'labs')))
        if (server.httpServer !== null) guardSockets(server.httpServer as Server)
        connectPages(server, { root, slugs, token })
        return undefined
      },
    },
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { name: 'workbook-session', content: token }, injectTo: 'head' },
    ],
  }
}

function connectPages(server: DevServer, options: LiveOptions & { token: string }): void {
  const pages = new Map<Page, { number: number; slugs: Set<string> }>()
  let lastNumber = 0
  const tell = (message: ServerMessage, number?: number): void => {
    for (const [page, known] of pages) {
      const slug = message.type === 'lab' ? message.lab.slug : message.slug
      if (number === undefined ? known.slugs.has(slug) : known.number === number) page.send(TO_PAGE, message)
    }
  }
  const runner = createRunnerProcess({
    entry: join(options.root, 'test', 'harness', 'runner', 'main.ts'),
    root: options.root,
    onMessage: ({ message, client }) => { tell(message, client) },
    onCrash: (reason, gaveUp) => {
      for (const { number, slugs } of pages.values()) {
        for (const slug of slugs) tell({ type: 'error', slug, message: crashText(reason, gaveUp) }, number)
        if (!gaveUp) setTimeout(() => { reopen(runner, number, slugs) }, 400)
      }
    },
  })
  server.ws.on(FROM_PAGE, (data: unknown, page: Page) => {
    const message = isFromOurPage(data, options.token) ? parsePageMessage(data.message, options.slugs()) : undefined
    if (message === undefined) return
    const known = pages.get(page) ?? { number: (lastNumber += 1), slugs: new Set() }
    pages.set(page, known)
    known.slugs.add(message.slug)
    const isSent = runner.send({ type: 'page', client: known.number, message })
    if (!isSent) tell({ type: 'error', slug: message.slug, message: crashText('it fell too often', true) }, known.number)
  })
  server.ws.on('vite:client:disconnect', (_data: unknown, page: Page) => {
    const known = pages.get(page)
    if (known !== undefined) runner.send({ type: 'gone', client: known.number })
    pages.delete(page)
  })
  startWithServer(server, runner)
}

/** Started soon after the site, so that the first save finds everything warm. */
function startWithServer(server: DevServer, runner: RunnerProcess): void {
  server.httpServer?.once('listening', () => {
    setTimeout(() => { runner.start() }, START_MS).unref()
  })
  const printUrls = server.printUrls.bind(server)
  server.printUrls = () => {
    printUrls()
    server.config.logger.info('  ➜  Live checks are on: open a chapter, begin its lab, and save its file.')
  }
  server.httpServer?.once('close', () => { runner.close() })
}

function reopen(runner: RunnerProcess, client: number, slugs: ReadonlySet<string>): void {
  for (const slug of slugs) runner.send({ type: 'page', client, message: { type: 'open', slug } } satisfies ToRunner)
}

function isFromOurPage(data: unknown, token: string): data is { token: string; message: unknown } {
  const given = (data as { token?: unknown } | null)?.token
  if (typeof given !== 'string') return false
  const [left, right] = [Buffer.from(given), Buffer.from(token)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function crashText(reason: string, gaveUp: boolean): string {
  return gaveUp
    ? `The judge's process has ended (${reason}) and is not started again. Stop the site with Ctrl+C and run npm start.`
    : `The judge's process has ended (${reason}); it is being started again.`
}
