/** A page in Chromium as a peer of lab 10: another make of WebRTC than the one in Node. */
import { CheckFailure } from '../../failure.ts'
import type { Answer } from '../../types/index.ts'
import { warmBrowser } from './launch.ts'
import { servePage } from './page-server.ts'

export { findChromium } from './find.ts'
export { closeBrowser, warmBrowser } from './launch.ts'

const LINK_WITHIN_MS = 10_000
const ASK_WITHIN_MS = 5_000

export interface BrowserPeerOptions {
  signalUrl: string
  room: string
  name: string
  /** Whom of those in the room to call. */
  callee: string
  /** Titles and their bytes, served under `/library/<title>`. */
  library?: Readonly<Record<string, Uint8Array>>
}

export interface BrowserPeer {
  readonly name: string
  /** Sends a request frame and gathers its answer; throws a `CheckFailure` when none comes within `withinMs` (default 5 000). */
  ask(path: string, options?: { withinMs?: number }): Promise<Omit<Answer, 'binaryFrames'>>
  /** Closes the page, and with it the channel. The browser stays. */
  close(): Promise<void>
}

interface PageAnswer {
  status: number
  base64: string
  frames: number
  largestFrame: number
}

/** What `page.js` puts on the page. */
interface Harbour {
  harbour: {
    join(options: { room: string; name: string; callee: string; titles: Record<string, string> }): Promise<void>
    ask(name: string, path: string): Promise<PageAnswer>
  }
}

/**
 * Opens a page that joins the room, calls `callee`, and answers what it is asked.
 * @returns once the data channel is open
 * @throws CheckFailure when no channel stands within 10 s; Error when there is no Chromium or it does not start
 */
export async function browserPeer({ signalUrl, room, name, callee, library = {} }: BrowserPeerOptions): Promise<BrowserPeer> {
  const browser = await warmBrowser()
  const [context, server] = await Promise.all([browser.newContext(), servePage(signalUrl)])
  const close = async (): Promise<void> => {
    await context.close()
    await server.close()
  }
  try {
    const page = await context.newPage()
    await page.goto(server.url)
    const titles = Object.fromEntries(Object.entries(library).map(([title, bytes]) => [title, Buffer.from(bytes).toString('base64')]))
    const joining = page.evaluate((options) => (globalThis as unknown as Harbour).harbour.join(options), { room, name, callee, titles })
    await inTime(joining, LINK_WITHIN_MS, `No data channel opened between a page in Chromium and ${callee}`)
    return {
      name,
      close,
      ask: async (path, { withinMs = ASK_WITHIN_MS } = {}) => {
        const asking = page.evaluate(([whom, what]) => (globalThis as unknown as Harbour).harbour.ask(whom, what), [callee, path] as const)
        const { base64, ...rest } = await inTime(asking, withinMs, `${callee} did not answer a page in Chromium that asked for ${path}`)
        return { ...rest, body: Buffer.from(base64, 'base64') }
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function inTime<T>(running: Promise<T>, withinMs: number, complaint: string): Promise<T> {
  // The page is closed while it waits: nobody is interested any more.
  running.catch(() => undefined)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new CheckFailure(`${complaint} within ${String(withinMs / 1_000)} s.`))
    }, withinMs)
  })
  try {
    return await Promise.race([running, late])
  } finally {
    clearTimeout(timer)
  }
}
