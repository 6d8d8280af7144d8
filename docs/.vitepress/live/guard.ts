import { realpathSync } from 'node:fs'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { sep } from 'node:path'

/** Names under which a browser on this machine reaches a server bound to loopback. */
const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Said with each answer: no foreign page may frame a page (and lay its own over the buttons), hold on to its
 * window, or load a file of it as a script or picture.
 */
const KEPT_APART = {
  'Content-Security-Policy': "frame-ancestors 'self'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

const EDITOR = '/__open-in-editor'

/**
 * True when a Host header names this machine by a loopback name. Any other name means that somebody
 * else's DNS pointed here, and their page must not talk to a server that runs code.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK_NAMES.has(host.replace(/:\d+$/, '').toLowerCase())
}

/** True when a page of this very server sent the request: its Origin is the Host it asked. */
export function isOwnOrigin(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers
  return isLoopbackHost(host) && (origin === `http://${String(host)}` || origin === `https://${String(host)}`)
}

/** As {@link isOwnOrigin}, for a GET, to which browsers add no Origin. */
export function isOwnPage(headers: IncomingHttpHeaders): boolean {
  if (!isLoopbackHost(headers.host)) return false
  if (headers.origin !== undefined) return isOwnOrigin(headers)
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  return headers.referer?.startsWith(`http://${String(headers.host)}/`) === true
}

/**
 * Stands before everything else: refuses what was sent to another host's name, and what another site's page asks
 * for other than by a link. A page on another port of this machine is another site here.
 */
export function guardRequests(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  for (const [name, value] of Object.entries(KEPT_APART)) response.setHeader(name, value)
  if (!isLoopbackHost(request.headers.host)) refuse(response, 403, 'This server answers to 127.0.0.1 and localhost only.')
  else if (!isReadable(request.url)) refuse(response, 400, 'This address cannot be read.')
  else if (isOfOtherPage(request)) refuse(response, 403, 'Pages of other sites may link here, and no more.')
  else next()
}

/**
 * Stands before Vite's `/__open-in-editor`, which starts a program: own pages only, and only for files in one folder.
 * @param folder absolute
 */
export function guardEditor(folder: string): typeof guardRequests {
  return (request, response, next) => {
    const address = request.url ?? '/'
    // As it was written: a URL's own reading of `/x/..` is another than the one by which requests find their handler.
    if (!address.toLowerCase().includes(EDITOR)) next()
    else if (!isOwnPage(request.headers)) refuse(response, 403, 'Only the workbook\'s own pages may open an editor.')
    else if (!isEditorFor(address, folder)) refuse(response, 403, 'Only files of a lab can be opened.')
    else next()
  }
}

function isEditorFor(address: string, folder: string): boolean {
  if (!address.startsWith(`${EDITOR}?`)) return false
  return isInside(new URL(address, 'http://localhost').searchParams.get('file') ?? '', folder)
}

/** Links are followed first: a link in the folder may lead out of it. */
function isInside(file: string, folder: string): boolean {
  const path = file.replace(/:\d+(:\d+)?$/, '')
  try {
    return realpathSync(path).startsWith(realpathSync(folder) + sep)
  } catch {
    return false
  }
}

/** One that neither decoding nor parsing stumbles over, and that does nothing to a terminal when it is logged. */
export function isReadable(address = ''): boolean {
  if (!address.startsWith('/') || !URL.canParse(address, 'http://localhost')) return false
  try {
    return !CONTROL.test(decodeURI(address))
  } catch {
    return false
  }
}

/** Browsers say whose page asks. A link that is followed shows a page and does nothing. */
function isOfOtherPage({ headers, method }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return method !== 'GET' || headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document'
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${reason}\n`)
}
