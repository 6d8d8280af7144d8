import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** One HTML file of the built site. */
export interface BuiltPage {
  /** `/reference/glossary.html`, `/01-request-response/` */
  path: string
  html: string
}

/** All pages of a built site; the one for what is not found is at an address where there is nothing. */
export function builtPages(folder: string): BuiltPage[] {
  return filesUnder(folder)
    .filter((file) => file.endsWith('.html'))
    .map((file) => `/${relative(folder, file).split(sep).join('/')}`)
    .sort()
    .map((path) => ({ path: path.replace(/\/index\.html$/, '/'), html: readFileSync(join(folder, path), 'utf8') }))
}

/** Every file of the built site, absolute. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
}

/** What `href` and `src` on these pages lead to inside the site and is not there: one sentence each. */
export function deadLinks(folder: string, pages: readonly BuiltPage[]): string[] {
  const ids = new Map(pages.map(({ path, html }) => [path, idsOf(html)]))
  return pages.flatMap(({ path, html }) => [...new Set(linksOf(html))].flatMap((link) => {
    const target = new URL(link, `http://site${path}`)
    if (target.origin !== 'http://site') return []
    const anchor = decodeURIComponent(target.hash.slice(1))
    const found = ids.get(target.pathname.replace(/\/index\.html$/, '/'))
    if (found === undefined) return existsSync(join(folder, decodeURIComponent(target.pathname))) && !target.pathname.endsWith('/') ? [] : [`${path}: ${link} is not there`]
    // A figure's state stands after the # as well, as name=value.
    return anchor === '' || anchor.includes('=') || found.has(anchor) ? [] : [`${path}: ${link} names no place on that page`]
  }))
}

function linksOf(html: string): string[] {
  return [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link = '']) => unescapeHtml(link)).filter((link) => !/^(data|mailto|vscode|javascript):/.test(link))
}

function idsOf(html: string): Set<string> {
  return new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id = '']) => unescapeHtml(id)))
}

function unescapeHtml(text: string): string {
  return text.replace(/&amp;/g, '&').replace(/&quot;/g, '"').replace(/&#39;/g, '\'').replace(/&lt;/g, '<').replace(/&gt;/g, '>')
}
