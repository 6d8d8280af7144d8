import { defineLoader } from 'vitepress'
import { mistakesOf } from './mistakes.ts'
import { nodeJson } from './run-node.ts'
import type { ManifestLab } from '../../../../test/harness/cli/manifest.ts'

/** As much of a lab as a page without a judge shows. The hints stay with the judge. */
export interface PageLab {
  slug: string
  title: string
  /** `mistakes`: in words, at most two. */
  checks: { id: string; title: string; mistakes: string[] }[]
}

declare const data: PageLab[]
export { data }

export default defineLoader({
  watch: ['../../../../test/{*.test.ts,[0-9][0-9]-*/*.ts}', '../../../../labs/*/wrong/**'],
  async load(): Promise<PageLab[]> {
    const labs = await nodeJson<ManifestLab[]>('test/harness/cli/manifest.ts')
    return labs.map(({ slug, title, checks }) => {
      const mistakes = mistakesOf(slug)
      return { slug, title, checks: checks.map(({ id, title: says }) => ({ id, title: says, mistakes: mistakes.get(id) ?? [] })) }
    })
  },
})
