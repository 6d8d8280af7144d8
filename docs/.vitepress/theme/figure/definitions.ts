/**
 * The definitions of the glossary, by the anchors of their terms: each paragraph that begins with `**Term.**`, as one
 * line of text. Code keeps its backticks; links and stress keep their words; a bracket that only cites goes.
 */
export function definitionsOf(markdown: string, anchorOf: (term: string) => string): Record<string, string> {
  const paragraphs = markdown.split(/\n\s*\n/).map((text) => text.trim().replace(/\s*\n\s*/g, ' '))
  return Object.fromEntries(paragraphs.flatMap((text) => {
    const [, term, rest] = /^\*\*(.+?)\.?\*\*\s*(.*)$/.exec(text) ?? []
    return term === undefined || rest === undefined ? [] : [[anchorOf(term), plain(rest)]]
  }))
}

function plain(markdown: string): string {
  return markdown
    .replace(/\s*\(\[[^\]]*\]\([^)]*\)\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*+([^*]+)\*+/g, '$1')
}
