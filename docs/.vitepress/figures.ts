import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitepress'

const MARK = '\0workbook-figure:'
const WHEN_NEAR = fileURLToPath(new URL('./theme/when-near.ts', import.meta.url))

/**
 * A chapter writes `import Figure from './Figure.vue'`; this makes it a chunk of its own, fetched when the reader
 * touches the figure. Its resting picture is in the page.
 */
export function figuresOnDemand(): Plugin {
  return {
    name: 'workbook:figures-on-demand',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!/^\.\/.*\.vue$/.test(source) || !/[\\/]docs[\\/](?:\d\d-[^\\/]+[\\/])?index\.md(?:\?.*)?$/.test(importer ?? '')) return undefined
      const resolved = await this.resolve(source, importer, { skipSelf: true })
      return resolved === null ? undefined : `${MARK}${resolved.id}.js`
    },
    load(id) {
      if (!id.startsWith(MARK)) return undefined
      const figure = id.slice(MARK.length, -'.js'.length)
      return `import { whenTouched } from ${JSON.stringify(WHEN_NEAR)}\nexport default whenTouched(() => import(${JSON.stringify(figure)}))\n`
    },
  }
}
