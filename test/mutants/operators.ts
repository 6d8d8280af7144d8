/** The changes that make mutants: each operator looks at one node of the syntax tree and yields edits of its text. */
import ts from 'typescript'

/** What replaces a stretch of the source. */
export interface Edit {
  /** Which kind of change it is: `comparison`, `statement`. */
  operator: string
  start: number
  end: number
  text: string
}

type Operator = (node: ts.Node, source: ts.SourceFile) => Edit[]

/** The texts that take an operator's or a method's place. */
type Swaps = Readonly<Record<string, readonly string[]>>

const COMPARISONS: Swaps = {
  '===': ['!=='], '!==': ['==='], '==': ['!='], '!=': ['=='],
  '<': ['<=', '>='], '<=': ['<', '>'], '>': ['>=', '<='], '>=': ['>', '<'],
}
const ARITHMETIC: Swaps = { '+': ['-'], '-': ['+'], '*': ['/'], '/': ['*'], '%': ['*'], '+=': ['-='], '-=': ['+='] }
const METHODS: Swaps = {
  some: ['every'], every: ['some'], push: ['unshift'], unshift: ['push'], shift: ['pop'], pop: ['shift'],
  find: ['findLast'], findLast: ['find'], startsWith: ['endsWith'], endsWith: ['startsWith'],
  toLowerCase: ['toUpperCase'], toUpperCase: ['toLowerCase'], min: ['max'], max: ['min'], values: ['keys'],
}

/** All operators, in the order in which their mutants are listed. */
export const OPERATORS: readonly Operator[] = [
  conditions, comparisons, arithmetic, logic, numbers, strings, statements, members, methods, chains,
]

/** An `if`, a loop or a `?:` whose condition is fixed or turned round; a part of it that no longer counts. */
function conditions(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) return fixed(node.expression, source)
  if (ts.isConditionalExpression(node)) return fixed(node.condition, source)
  if (!ts.isBinaryExpression(node)) return []
  const kind = node.operatorToken.kind
  const neutral = kind === ts.SyntaxKind.BarBarToken ? 'false' : kind === ts.SyntaxKind.AmpersandAmpersandToken ? 'true' : undefined
  return neutral === undefined ? [] : [node.left, node.right].map((part) => replace('condition', part, source, neutral))
}

function fixed(condition: ts.Expression, source: ts.SourceFile): Edit[] {
  return ['true', 'false', `!(${condition.getText(source)})`].map((text) => replace('condition', condition, source, text))
}

function comparisons(node: ts.Node, source: ts.SourceFile): Edit[] {
  return ts.isBinaryExpression(node) ? swapped('comparison', COMPARISONS, node.operatorToken, source) : []
}

function arithmetic(node: ts.Node, source: ts.SourceFile): Edit[] {
  return ts.isBinaryExpression(node) ? swapped('arithmetic', ARITHMETIC, node.operatorToken, source) : []
}

/** `&&` for `||` and the other way round; one side of a `??` alone; a `!` that is gone. */
function logic(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [replace('logic', node, source, node.operand.getText(source))]
  }
  if (!ts.isBinaryExpression(node)) return []
  if (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return [node.left, node.right].map((side) => replace('logic', node, source, side.getText(source)))
  }
  return swapped('logic', { '&&': ['||'], '||': ['&&'] }, node.operatorToken, source)
}

/** One more, one less, none. */
function numbers(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (!ts.isNumericLiteral(node)) return []
  const value = Number(node.text)
  const others = new Set([value + 1, Math.max(0, value - 1), 0])
  others.delete(value)
  return [...others].map((other) => replace('number', node, source, String(other)))
}

/** A text, or one fixed piece of a template, that is empty. */
function strings(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
    return isName(node) ? [] : [replace('string', node, source, node.text === '' ? "'mutant'" : "''")]
  }
  if (!ts.isTemplateHead(node) && !ts.isTemplateMiddle(node) && !ts.isTemplateTail(node)) return []
  if (node.text === '') return []
  const text = node.getText(source)
  return [replace('string', node, source, text.slice(0, 1) + text.slice(text.endsWith('${') ? -2 : -1))]
}

/** True for the text of an import. */
function isName({ parent }: ts.Node): boolean {
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)
}

/** A statement that is not carried out, an answer that is not returned, a wait that is not waited for. */
function statements(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (ts.isExpressionStatement(node) || ts.isThrowStatement(node)) return [replace('statement', node, source, ';')]
  if (ts.isReturnStatement(node) && node.expression !== undefined) return [replace('statement', node, source, 'return undefined')]
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return [replace('statement', node.body, source, 'undefined')]
  if (ts.isAwaitExpression(node)) return [replace('await', node, source, `(${node.expression.getText(source)})`)]
  return []
}

/** A member of an object, a place of a list or a handler of a route that is left out. */
function members(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (ts.isObjectLiteralExpression(node)) return leftOut(node.properties, source)
  if (ts.isArrayLiteralExpression(node)) return leftOut(node.elements, source)
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) || node.arguments.length < 2) return []
  const named = node.arguments.filter((argument) => ts.isIdentifier(argument))
  return leftOut(node.arguments, source).filter((edit) => named.some((argument) => contains(edit, argument, source)))
}

function contains(edit: Edit, node: ts.Node, source: ts.SourceFile): boolean {
  return edit.start <= node.getStart(source) && node.end <= edit.end
}

function methods(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return []
  return swapped('method', METHODS, node.expression.name, source)
}

/** A call inside a chain that is skipped: `response.status(201).json(show)` without its status. A `?.` that is a dot. */
function chains(node: ts.Node, source: ts.SourceFile): Edit[] {
  if (ts.isQuestionDotToken(node)) return [replace('chain', node, source, ts.isPropertyAccessExpression(node.parent) ? '.' : '')]
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return []
  const before = node.expression.expression
  const goesOn = ts.isPropertyAccessExpression(node.parent) && node.parent.expression === node
  return goesOn || ts.isCallExpression(before) ? [replace('chain', node, source, before.getText(source))] : []
}

function leftOut(nodes: ts.NodeArray<ts.Node>, source: ts.SourceFile): Edit[] {
  return nodes.map((node, index) => {
    const next = nodes[index + 1]
    const start = node.getStart(source)
    if (next !== undefined) return { operator: 'member', start, end: next.getStart(source), text: '' }
    return { operator: 'member', start: nodes[index - 1]?.end ?? start, end: node.end, text: '' }
  })
}

function swapped(operator: string, swaps: Swaps, token: ts.Node, source: ts.SourceFile): Edit[] {
  const text = token.getText(source)
  return Object.hasOwn(swaps, text) ? (swaps[text] ?? []).map((other) => replace(operator, token, source, other)) : []
}

function replace(operator: string, node: ts.Node, source: ts.SourceFile, text: string): Edit {
  return { operator, start: node.getStart(source), end: node.end, text }
}
