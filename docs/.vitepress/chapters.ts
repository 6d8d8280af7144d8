import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `docs/`, absolute. */
export const DOCS = fileURLToPath(new URL('../', import.meta.url))

export interface Chapter {
  /** `01-request-response` */
  slug: string
  /** `01` */
  number: string
  title: string
  link: string
}

export interface Part {
  name: string
  chapters: Chapter[]
}

/** A part holds the chapters up to this number. */
const PARTS = [
  { name: 'Part I: One server', last: 3 },
  { name: 'Part II: Many clients, one server', last: 8 },
  { name: 'Part III: Peers', last: 16 },
  { name: 'Part IV: Choosing', last: 99 },
]

/** All chapters, by folder: `docs/NN-name/index.md`, its first heading is its title. */
export function findChapters(docs = DOCS): Chapter[] {
  return readdirSync(docs)
    .filter((name) => /^\d\d-/.test(name) && existsSync(join(docs, name, 'index.md')))
    .sort()
    .map((slug) => {
      const title = firstHeading(readFileSync(join(docs, slug, 'index.md'), 'utf8')) ?? slug
      return { slug, number: slug.slice(0, 2), title, link: `/${slug}/` }
    })
}

/** The chapters under their parts; a part without chapters is left out. */
export function findParts(docs = DOCS): Part[] {
  const chapters = findChapters(docs)
  const partOf = (chapter: Chapter): number => PARTS.findIndex(({ last }) => Number(chapter.number) <= last)
  return PARTS.map(({ name }, index) => ({ name, chapters: chapters.filter((chapter) => partOf(chapter) === index) }))
    .filter((part) => part.chapters.length > 0)
}

/** The pages of one folder that are not chapters: title and link; its index first, then by title. */
export function findPages(folder: string, docs = DOCS): { title: string; link: string }[] {
  if (!existsSync(join(docs, folder))) return []
  return readdirSync(join(docs, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => {
      const title = firstHeading(readFileSync(join(docs, folder, name), 'utf8')) ?? name
      return { title, link: `/${folder}/${name === 'index.md' ? '' : name.replace(/\.md$/, '')}` }
    })
    .sort((left, right) => Number(right.link.endsWith('/')) - Number(left.link.endsWith('/')) || left.title.localeCompare(right.title))
}

/** The text of the first `# heading`, without its marks. */
export function firstHeading(markdown: string): string | undefined {
  return /^# +(.+?)(?: *\{#[^}]*\})? *$/m.exec(markdown)?.[1]?.replace(/[`*_]/g, '')
}
