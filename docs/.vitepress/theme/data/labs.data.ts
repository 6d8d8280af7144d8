import { defineLoader } from 'vitepress'
import { nodeJson } from './run-node.ts'
import type { ManifestLab } from '../../../../test/harness/cli/manifest.ts'

/** As much of a lab as a page without a judge shows. The hints stay with the judge. */
export interface PageLab {
  slug: string
  title: string
  checks: { id: string; title: string; refuses: string[] }[]
}

declare const data: PageLab[]
export { data }

export default defineLoader({
  watch: ['../../../../test/*.test.ts'],
  async load(): Promise<PageLab[]> {
    const labs = await nodeJson<ManifestLab[]>('test/harness/cli/manifest.ts')
    return labs.map(({ slug, title, checks }) => {
      return { slug, title, checks: checks.map(({ id, title: says, refuses }) => ({ id, title: says, refuses })) }
    })
  },
})
