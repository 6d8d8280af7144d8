import type { MarkdownRenderer } from 'vitepress'

/**
 * Gives each term of the glossary an anchor: a paragraph that begins with `**Byte order mark.**` is found at
 * `/reference/glossary#byte-order-mark`.
 */
export function glossaryAnchors(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('workbook-glossary-anchors', ({ tokens, env }) => {
    if ((env as { relativePath?: string }).relativePath !== 'reference/glossary.md') return
    for (const [index, token] of tokens.entries()) {
      const term = /^\*\*(.+?)\.?\*\*/.exec(token.type === 'inline' ? token.content : '')?.[1]
      const paragraph = tokens[index - 1]
      if (term !== undefined && paragraph?.type === 'paragraph_open') paragraph.attrSet('id', anchorOf(term))
    }
  })
}

/** `Byte order mark` to `byte-order-mark`. */
export function anchorOf(term: string): string {
  return term.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
}
