import type { MarkdownRenderer } from 'vitepress'

/** Out of `docs/`: a file of the workbook, which the site does not publish. */
const OUTSIDE = /^(?:\.\.\/)+((?:labs|test|\.ci|\.github|package\.json|README\.md|CONTRIBUTING\.md)\b.*)$/

/**
 * Links from a page to files outside `docs/` (`../../labs/…`) would ship broken: VitePress's own check lets them pass.
 * With a repository's address they lead there; without one they stay as the text they are, named by their path.
 * @param repository `https://…/owner/name`, or undefined
 */
export function fileLinks(markdown: MarkdownRenderer, repository?: string): void {
  markdown.core.ruler.push('workbook-file-links', ({ tokens }) => {
    for (const { children } of tokens) {
      let isInFileLink = false
      for (const token of children ?? []) {
        const path = token.type === 'link_open' ? OUTSIDE.exec(token.attrGet('href') ?? '')?.[1] : undefined
        if (path !== undefined && repository !== undefined) token.attrSet('href', `${repository}/blob/main/${path}`)
        else if (path !== undefined) {
          token.tag = 'span'
          token.attrs = [['class', 'file-name'], ['title', `In your copy of the workbook: ${path}`]]
          token.type = 'file_open'
          isInFileLink = true
        } else if (token.type === 'link_close' && isInFileLink) {
          token.tag = 'span'
          token.type = 'file_close'
          isInFileLink = false
        }
      }
    }
  })
}
