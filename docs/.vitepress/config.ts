import { withPwa } from '@vite-pwa/vitepress'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { DOCS, findChapters, findPages, findParts } from './chapters.ts'
import { codeClasses, codeTheme } from './code-colours.ts'
import { describePage } from './descriptions.ts'
import { figuresOnDemand } from './figures.ts'
import { glossaryAnchors } from './glossary.ts'
import { fileLinks } from './links.ts'
import { liveChecks } from './live.ts'
import { timesItTakes } from './minutes.ts'
import { offline } from './offline.ts'
import { openings } from './opening.ts'
import { recordings } from './recordings.ts'
import { slimTheme } from './slim.ts'
import { glossaryTerms } from './terms.ts'

interface Package {
  repository?: string | { url?: string }
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const repository = repositoryOf(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Package)

export default withPwa(defineConfig({
  pwa: offline,
  title: 'Harbour Radio',
  description: 'A workbook of server architectures: chapters you read, labs you run, checks that tell you why.',
  lang: 'en-GB',
  head: [
    ['link', { rel: 'icon', href: '/mark.svg', type: 'image/svg+xml' }],
    ['meta', { name: 'theme-color', content: '#0b5e6b' }],
  ],
  // Switching transitions off and on costs two layouts of the whole page, at each start.
  appearance: { disableTransition: false },
  // The service worker fetches the whole site soon enough.
  router: { prefetchLinks: false },
  transformPageData(page) {
    if (page.isNotFound === true || page.frontmatter['description'] !== undefined) return undefined
    return { description: describePage(readFileSync(join(DOCS, page.filePath), 'utf8')) ?? '' }
  },
  markdown: {
    theme: codeTheme,
    codeTransformers: [codeClasses],
    config(markdown) {
      fileLinks(markdown, repository)
      glossaryAnchors(markdown)
      glossaryTerms(markdown)
      timesItTakes(markdown)
      openings(markdown)
    },
  },
  themeConfig: {
    logo: { src: '/mark.svg', alt: '' },
    nav: [
      { text: 'Chapters', link: findChapters()[0]?.link ?? '/', activeMatch: '^/\\d\\d-' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
    ],
    sidebar: [
      ...findParts().map(({ name, chapters }) => ({
        text: name,
        items: chapters.map(({ number, title, link }) => ({ text: `${number} ${title}`, link })),
      })),
      { text: 'Reference', items: findPages('reference').map(({ title, link }) => ({ text: title, link })) },
    ],
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    ...(repository === undefined ? {} : { editLink: { pattern: `${repository}/edit/main/docs/:path` } }),
  },
  vite: {
    // Nothing on the site is written with Vue's older interface.
    define: { __VUE_OPTIONS_API__: 'false' },
    plugins: [slimTheme(), figuresOnDemand(), recordings(), liveChecks({ root: ROOT, slugs: () => findChapters().map(({ slug }) => slug) })],
    server: { host: '127.0.0.1', cors: false },
  },
}))

/** The web address of package.json's `repository`, when it names one. */
function repositoryOf(about: Package): string | undefined {
  const url = typeof about.repository === 'string' ? about.repository : about.repository?.url
  return url?.replace(/^git\+/, '').replace(/\.git$/, '')
}
