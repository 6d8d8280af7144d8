import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitepress'

const pages = (name: string): string => fileURLToPath(new URL(`./theme/pages/${name}`, import.meta.url))

/** Parts of VitePress's theme that this site has its own of, by the name of their file. */
const REPLACED: Readonly<Record<string, string>> = {
  // Nests links in options in a button, which neither keyboard nor screen reader can make sense of.
  'VPLocalSearchBox.vue': pages('SearchBox.vue'),
  // Shows what the reader has done beside each chapter.
  'VPSidebarGroup.vue': pages('SidebarGroups.vue'),
}

/** Parts that no page shows. Left in, they are a fifth of the style sheet and of the theme's script. */
const UNUSED = new Set([
  'NotFound.vue', 'VPAlgoliaSearchBox.vue', 'VPBadge.vue', 'VPButton.vue', 'VPCarbonAds.vue', 'VPDocAsideCarbonAds.vue', 'VPDocAsideSponsors.vue',
  'VPDocFooterLastUpdated.vue',
  'VPFeature.vue', 'VPFeatures.vue', 'VPFlyout.vue', 'VPFooter.vue', 'VPHero.vue', 'VPHome.vue', 'VPHomeContent.vue', 'VPHomeFeatures.vue',
  'VPHomeHero.vue', 'VPHomeSponsors.vue', 'VPMenu.vue', 'VPMenuGroup.vue', 'VPMenuLink.vue', 'VPNavBarAskAiButton.vue', 'VPNavBarExtra.vue',
  'VPNavMenuGroup.vue', 'VPNavScreenMenuGroup.vue', 'VPNavSocialLinks.vue', 'VPNavTranslations.vue', 'VPPage.vue', 'VPSocialLink.vue',
  'VPSocialLinks.vue', 'VPSponsors.vue', 'VPSponsorsGrid.vue', 'VPTeamMembers.vue', 'VPTeamMembersItem.vue', 'VPTeamPage.vue',
  'VPTeamPageSection.vue', 'VPTeamPageTitle.vue',
])
const UNUSED_STYLES = new Set(['custom-block.css', 'vp-code-group.css', 'vp-sponsor.css'])
/** Icons and variables of those parts: 1 kB of each cold page. */
const UNUSED_RULES: Readonly<Record<string, RegExp>> = {
  'icons.css': /^\.vpi-(?:corner-down-left|delete|heart|languages|layout-list|more-horizontal|plus|sparkles)\s*\{[^}]*\}/gm,
  'vars.css': /--vp-(?:badge|button|carbon-ads|code-tab|custom-block|home-hero|local-search)-[\w-]+:[^;]*;/g,
}
/** What is left of modules that other parts import, by the end of their path. */
const REDUCED: Readonly<Record<string, string>> = {
  // The options of a search service that this site does not use.
  '/support/docsearch': 'export const resolveMode = () => ({})\nexport const resolveOptionsForLanguage = (options) => options',
  // Moves links of a crowded bar into a menu, and measures the page for it. Two links always have room.
  '/composables/nav-overflow': 'export const useNavOverflow = () => null\nexport const provideNavOverflow = () => ({ setContainerEl: () => undefined })',
  // Fetches what links lead to; the service worker does.
  '/composables/preFetch': 'export const usePrefetch = () => undefined',
  // Tabs of code blocks, which no page has.
  '/composables/codeGroups': 'export const useCodeGroups = () => undefined',
}
const MARK = '\0workbook-slim:'
const NO_STYLES = `${MARK}styles.css`

/** Puts this site's own parts in the place of the theme's, and leaves out what no page shows. */
export function slimTheme(): Plugin {
  return {
    name: 'workbook:slim-theme',
    enforce: 'pre',
    resolveId(source, importer) {
      if (importer === undefined || !importer.replaceAll('\\', '/').includes('/vitepress/dist/client/')) return undefined
      const name = source.slice(source.lastIndexOf('/') + 1)
      const reduced = Object.keys(REDUCED).find((end) => source.replace(/\.js$/, '').endsWith(end))
      if (reduced !== undefined) return MARK + reduced
      if (UNUSED_STYLES.has(name)) return NO_STYLES
      return UNUSED.has(name) ? `${MARK}nothing` : REPLACED[name]
    },
    transform(code, id) {
      const name = /\/vitepress\/dist\/client\/theme-default\/styles\/(\w+\.css)$/.exec(id.replaceAll('\\', '/'))?.[1]
      const unused = UNUSED_RULES[name ?? '']
      return unused === undefined ? undefined : code.replace(unused, '')
    },
    load(id) {
      if (!id.startsWith(MARK)) return undefined
      if (id === NO_STYLES) return ''
      return REDUCED[id.slice(MARK.length)] ?? 'export default { render: () => null }'
    },
  }
}
