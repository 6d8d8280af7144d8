import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOCS, findChapters } from './chapters.ts'

/** One document that chapters cite. */
export interface Source {
  /** `RFC 9110`, or the words with which a chapter links to it. */
  name: string
  /** Of an RFC. */
  title: string
  link: string
  chapters: { number: string; link: string }[]
}

const LINK = /\[((?:[^[\]]|\[[^\]]*\])+)\]\((https?:\/\/[^\s)]+)\)/g
const RFC = /^https:\/\/www\.rfc-editor\.org\/rfc\/rfc(\d+)/

/** All that the chapters link to outside the site, each document once, with the chapters that cite it: RFCs by number, then the rest by name. */
export function findSources(docs = DOCS): Source[] {
  const pages = findChapters(docs).map((chapter) => ({ ...chapter, markdown: readFileSync(join(docs, chapter.slug, 'index.md'), 'utf8') }))
  const everything = pages.map(({ markdown }) => markdown).join('\n')
  const sources = new Map<string, Source>()
  for (const { markdown, number, link } of pages) {
    for (const [, text = '', url = ''] of markdown.matchAll(LINK)) {
      const rfc = RFC.exec(url)?.[1]
      const key = rfc === undefined ? withoutAnchor(url) : `https://www.rfc-editor.org/rfc/rfc${rfc}`
      const source = sources.get(key) ?? sourceOf(key, text, rfc, everything)
      if (!source.chapters.some((chapter) => chapter.number === number)) source.chapters.push({ number, link })
      sources.set(key, source)
    }
  }
  return [...sources.values()].sort(byName)
}

function sourceOf(link: string, text: string, rfc: string | undefined, everything: string): Source {
  if (rfc === undefined) return { name: text.replace(/[*`]/g, ''), title: '', link, chapters: [] }
  // "RFC 9110, *HTTP Semantics*", "RFC 8445, [*Interactive Connectivity Establishment (ICE)*](…)"
  const title = new RegExp(`RFC ${rfc},? \\[?\\*([^*]+)\\*`).exec(everything)?.[1] ?? ''
  return { name: `RFC ${rfc}`, title, link, chapters: [] }
}

function withoutAnchor(url: string): string {
  return url.replace(/#.*$/, '')
}

function byName(left: Source, right: Source): number {
  const [leftRfc, rightRfc] = [RFC.test(left.link), RFC.test(right.link)]
  if (leftRfc !== rightRfc) return leftRfc ? -1 : 1
  return left.name.localeCompare(right.name, 'en', { numeric: true, sensitivity: 'base' })
}
