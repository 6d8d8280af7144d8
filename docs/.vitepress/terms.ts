import type { MarkdownRenderer } from 'vitepress'
import { anchorOf } from './glossary.ts'

const OPEN = /^<Term\s+name="([^"]+)"\s*>$/

/**
 * `<Term name="Idempotent">idempotent</Term>` in a text becomes a plain link to the glossary, which theme/terms.ts explains
 * on the spot. As a component, each would bring its whole paragraph a second time, in the page's script.
 */
export function glossaryTerms(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('workbook-glossary-terms', ({ tokens }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        if (token.type !== 'html_inline') continue
        const name = OPEN.exec(token.content)?.[1]
        if (name !== undefined) {
          Object.assign(token, { type: 'link_open', tag: 'a', nesting: 1, content: '' })
          token.attrs = [['href', `/reference/glossary#${anchorOf(name)}`], ['class', 'term']]
        } else if (token.content === '</Term>') {
          Object.assign(token, { type: 'link_close', tag: 'a', nesting: -1, content: '' })
        }
      }
    }
  })
}
