import { cpSync, existsSync, mkdtempSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../harness/labs.ts'

/** Packages are shared with the real workbook; everything that a test may change is a copy. */
const COPIED = ['package.json', 'tsconfig.json', 'docs', 'labs', 'test/harness']

/** What the real workbook's own use leaves behind. */
const LEFT_OUT = /[\\/](cache|dist|mine|mine\.ts|node_modules)$/

export interface WorkbookCopy {
  root: string
  remove(): void
}

/**
 * A fresh copy of the workbook in a temporary folder, with these labs only, none of them begun.
 * @param slugs lab folders to copy; a lab whose chapter is not written yet gets a page with its panel
 * @param name how the folder's name begins
 */
export function copyWorkbook(slugs: readonly string[], name = 'harbour radio '): WorkbookCopy {
  const root = realpathSync(mkdtempSync(join(tmpdir(), name)))
  const isWanted = (path: string): boolean => {
    const slug = /[\\/](\d\d-[^\\/]+)/.exec(path.slice(ROOT.length))?.[1]
    return !LEFT_OUT.test(path.slice(ROOT.length)) && (slug === undefined || slugs.includes(slug))
  }
  for (const part of COPIED) cpSync(join(ROOT, part), join(root, part), { recursive: true, filter: isWanted })
  for (const slug of slugs) {
    for (const part of [`${slug}.test.ts`, slug].filter((name) => existsSync(join(ROOT, 'test', name)))) {
      cpSync(join(ROOT, 'test', part), join(root, 'test', part), { recursive: true })
    }
    addPage(join(root, 'docs', slug), slug)
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction')
  return { root, remove: () => { rmSync(root, { recursive: true, force: true, maxRetries: 5 }) } }
}

function addPage(folder: string, slug: string): void {
  if (existsSync(folder) && readdirSync(folder).includes('index.md')) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'index.md'), `# ${slug.slice(3)}\n\n## The lab\n\n<LabPanel slug="${slug}" />\n`)
}
