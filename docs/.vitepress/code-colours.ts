import type { MarkdownOptions } from 'vitepress'

type Theme = Exclude<NonNullable<MarkdownOptions['theme']>, string | { light: unknown; dark: unknown }>
type Transformer = NonNullable<MarkdownOptions['codeTransformers']>[number]
/** What stands in a line of code: text, or an element with text. */
type Pieces = Parameters<NonNullable<Transformer['line']>>[0]['children']

/** What a piece of code is, as TextMate's grammars name it. The colours are in theme/styles/code.css. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  comment: ['comment', 'punctuation.definition.comment'],
  string: ['string', 'punctuation.definition.string', 'markup.inline.raw'],
  keyword: ['keyword', 'storage', 'storage.type', 'storage.modifier'],
  constant: ['constant', 'support.constant', 'support.type.property-name', 'variable.language', 'variable.other.constant', 'entity.other.attribute-name'],
  function: ['entity.name.function', 'entity.name.type', 'entity.name.class', 'support.function'],
  tag: ['entity.name.tag', 'entity.name.header', 'markup.inserted'],
  deleted: ['markup.deleted'],
}
const PLAIN = '#000000'
/** Stands for a kind until the piece gets its class: Shiki knows pieces of code by their colour alone. */
const colourOf = (index: number): string => `#00000${String(index + 1)}`

/** One theme for light and dark: each piece of code says what it is, and the style sheet which colour that has. */
export const codeTheme = {
  name: 'workbook',
  type: 'light',
  fg: PLAIN,
  bg: '#ffffff',
  settings: [
    { settings: { foreground: PLAIN } },
    ...Object.values(KINDS).map((scope, index) => ({ scope: [...scope], settings: { foreground: colourOf(index) } })),
  ],
} as Theme

/**
 * Classes in the place of Shiki's two colours for each piece of code. They were a fifth of a chapter's HTML and a
 * twentieth of its bytes over the wire.
 */
export const codeClasses: Transformer = {
  name: 'workbook:code-classes',
  span(node) {
    const style = typeof node.properties['style'] === 'string' ? node.properties['style'] : ''
    const kind = Object.keys(KINDS).find((_, index) => style.toLowerCase().includes(colourOf(index)))
    delete node.properties['style']
    if (kind !== undefined) node.properties['class'] = `code-${kind}`
  },
  line(node) {
    node.children = joined(node.children)
  },
  pre(node) {
    delete node.properties['style']
  },
}

/** What is of no kind is text, and neighbours of one kind are one piece. */
function joined(pieces: Pieces): Pieces {
  const result: Pieces = []
  for (const piece of pieces.flatMap((each) => (each.type === 'element' && each.properties['class'] === undefined ? (each.children) : [each]))) {
    const last = result.at(-1)
    if (piece.type === 'text' && last?.type === 'text') last.value += piece.value
    else if (piece.type === 'element' && last?.type === 'element' && piece.properties['class'] === last.properties['class']) {
      last.children = joined([...last.children, ...piece.children])
    } else result.push(piece)
  }
  return result
}
