const LIMIT = 160

/**
 * What a search engine shows of a page: its first paragraph as plain text, whole words, at most 160 characters.
 * @returns undefined for a page without a paragraph
 */
export function describePage(markdown: string): string | undefined {
  const body = markdown.replace(/^---\n[\s\S]*?\n---\n/, '')
  const paragraph = body.split(/\n{2,}/).map((block) => block.trim()).find((block) => /^[A-Za-z*`[“"]/.test(block))
  return paragraph === undefined ? undefined : shorten(plain(paragraph))
}

function plain(markdown: string): string {
  return markdown
    .replace(/<[^>]+>/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

function shorten(text: string): string {
  if (text.length <= LIMIT) return text
  const cut = text.slice(0, LIMIT - 1)
  return `${cut.slice(0, cut.lastIndexOf(' ')).replace(/[,;:.]$/, '')}…`
}
