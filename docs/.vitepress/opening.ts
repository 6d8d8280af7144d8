import type { MarkdownRenderer } from 'vitepress'

type State = Parameters<Parameters<MarkdownRenderer['core']['ruler']['push']>[1]>[0]
type Token = State['tokens'][number]

/** How the three statements begin that open a chapter, each in bold. */
export const OPENINGS = ['You will be able to', 'You need', 'It takes'] as const

/**
 * Sets what stands between a chapter's title and its first section as one compact block: each statement a paragraph,
 * whether the page has them in one paragraph or in three. In a wide window their beginnings are a column.
 */
export function openings(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('workbook-openings', (state) => {
    const [from, to] = openingOf(state.tokens)
    const statements = state.tokens.slice(from, to).flatMap((token) => token.type === 'inline' ? statementsOf(token.children ?? []) : [])
    if (statements.length < OPENINGS.length) return
    const paragraphs = statements.flatMap((children) => paragraphOf(state, children))
    state.tokens.splice(from, to - from, htmlOf(state, '<div class="opening">\n'), ...paragraphs, htmlOf(state, '</div>\n'))
  })
}

/**
 * The paragraphs that hold the statements, one after the other, as a range of tokens; an empty one where the page has none.
 * What stands before or behind is the page's own.
 */
function openingOf(tokens: readonly Token[]): [from: number, to: number] {
  const title = tokens.findIndex(({ type, tag }) => type === 'heading_close' && tag === 'h1')
  const section = tokens.findIndex(({ type, tag }, index) => index > title && type === 'heading_open' && tag === 'h2')
  const holds = (index: number): boolean => index < section && tokens[index]?.type === 'inline' && statementsOf(tokens[index].children ?? []).length > 0
  const first = tokens.findIndex((_, index) => index > title && holds(index))
  if (title < 0 || first < 0) return [0, 0]
  let last = first
  // A paragraph is three tokens: its beginning, its text, its end.
  while (holds(last + 3)) last += 3
  return [first - 1, last + 2]
}

/** One list of inline tokens for each statement; what stands before the first belongs to it. */
function statementsOf(children: readonly Token[]): Token[][] {
  const starts = children.flatMap((_, index) => isOpening(children, index) ? [index] : [])
  return starts.map((start, index) => children.slice(index === 0 ? 0 : start, starts[index + 1]))
}

function isOpening(children: readonly Token[], index: number): boolean {
  const text = children[index + 1]?.content ?? ''
  return children[index]?.type === 'strong_open' && OPENINGS.some((opening) => text === opening)
}

/** A paragraph whose bold beginning and whose rest can be set side by side. */
function paragraphOf(state: State, children: Token[]): Token[] {
  const [open, inline, close] = [new state.Token('paragraph_open', 'p', 1), new state.Token('inline', '', 0), new state.Token('paragraph_close', 'p', -1)]
  const end = children.findIndex(({ type }) => type === 'strong_close') + 1
  inline.children = [...children.slice(0, end), inlineHtml(state, ' <span>'), ...trimmed(children.slice(end)), inlineHtml(state, '</span>')]
  inline.content = inline.children.map(({ content }) => content).join('')
  return [open, inline, close]
}

/** Without the space or the line break on either side. */
function trimmed(children: readonly Token[]): Token[] {
  const kept = [...children]
  while (kept[0]?.type === 'softbreak') kept.shift()
  while (kept.at(-1)?.type === 'softbreak') kept.pop()
  const [first, last] = [kept[0], kept.at(-1)]
  if (first?.type === 'text') first.content = first.content.trimStart()
  if (last?.type === 'text') last.content = last.content.trimEnd()
  return kept
}

function htmlOf(state: State, html: string): Token {
  const token = new state.Token('html_block', '', 0)
  token.content = html
  return token
}

function inlineHtml(state: State, html: string): Token {
  const token = new state.Token('html_inline', '', 0)
  token.content = html
  return token
}
