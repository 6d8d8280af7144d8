import { realpathSync } from 'node:fs'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { sep } from 'node:path'

/** Names under which a browser on this machine reaches a server bound to loopback. */
const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]'])

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

/** Refuses requests that were sent to another host's name. */
export function guardHost(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (isLoopbackHost(request.headers.host)) next()
  else refuse(response, 'This server answers to 127.0.0.1 and localhost only.')
}

/**
 * Stands before Vite's `/__open-in-editor`, which starts a program: own pages only, and only for files in one folder.
 * @param folder absolute
 */
export function guardEditor(folder: string): typeof guardHost {
  return (request, response, next) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!url.pathname.toLowerCase().includes('__open-in-editor')) next()
    else if (!isOwnPage(request.headers)) refuse(response, 'Only the workbook\'s own pages may open an editor.')
    else if (!isInside(url.searchParams.get('file') ?? '', folder)) refuse(response, 'Only files of a lab can be opened.')
    else next()
  }
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

function refuse(response: ServerResponse, reason: string): void {
  response.writeHead(403, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${reason}\n`)
}
