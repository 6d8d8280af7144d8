/**
 * A link that opens a file in VS Code: `vscode://file/home/me/mine.ts:3`.
 * @param path absolute, also with a drive letter and backslashes
 * @param line counted from 1
 */
export function editorLink(path: string, line?: number): string {
  const parts = path.replaceAll('\\', '/').split('/').filter((part) => part !== '')
  const encoded = parts.map((part) => encodeURIComponent(part).replace('%3A', ':')).join('/')
  return `vscode://file/${encoded}${line === undefined ? '' : `:${String(line)}`}`
}
