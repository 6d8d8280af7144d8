import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { DOCS } from './chapters.ts'

/** Technical prose is read at 150 to 200 words a minute. */
const WORDS_A_MINUTE = 175
const MINUTES_A_TASK = 1
const MINUTES_A_CHECK = 4
const TASK = /<(?:\w*Figure|Predict|Ordering|Quiz|WorkedSteps|RecordedRun)\b/g
/** A tag whole, also one whose attributes hold a `>`. */
const TAG = /<[/a-zA-Z](?:"[^"]*"|'[^']*'|[^>"'])*>/g

/** What a chapter asks of its reader, counted. */
export interface Effort {
  words: number
  /** Figures, predictions, exercises, questions, steps of code and recorded runs. */
  tasks: number
  checks: number
}

/** Counts a chapter. Code, the contents of tags and the sources are not read as prose. */
export function effortOf(markdown: string, checks: string): Effort {
  const read = markdown
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/<script\b[\s\S]*?<\/script>/g, '')
    .replace(/^(```+)[\s\S]*?^\1/gm, '')
    .replace(/^<<<.*$/gm, '')
    .replace(/^## Sources$[\s\S]*/m, '')
  return {
    words: (read.replace(TAG, ' ').match(/\S*[\p{L}\p{N}]\S*/gu) ?? []).length,
    tasks: (read.match(TASK) ?? []).length,
    checks: (checks.match(/^ *check\('/gm) ?? []).length,
  }
}

/** Minutes to read a chapter and to use what is in it. */
export function readingMinutes({ words, tasks }: Effort): number {
  return Math.round(words / WORDS_A_MINUTE + tasks * MINUTES_A_TASK)
}

/** Minutes as people say them: 18 are 20. */
export function inFives(minutes: number): number {
  return Math.max(1, Math.round(minutes / 5)) * 5
}

/** A chapter's effort in a sentence's end, rounded as people say it. */
export function effortText(effort: Effort): string {
  return `about ${spoken(readingMinutes(effort))} to read and ${spoken(effort.checks * MINUTES_A_CHECK)} for the lab`
}

/** The effort of the chapter in `docs/<slug>`. */
export function chapterEffort(slug: string): Effort {
  return effortOf(readFileSync(join(DOCS, slug, 'index.md'), 'utf8'), checkSources(join(DOCS, '../test', slug)))
}

/** The text of a lab's check file, and of the files of its folder when its checks stand in several. @param path of both, without an ending */
function checkSources(path: string): string {
  const parts = existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : []
  return [`${path}.test.ts`, ...parts].filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8')).join('\n')
}

/**
 * Puts what a chapter takes in the place of its `<TimeItTakes />`, as text, with a link to the rule by which it is
 * estimated: no script is needed to show it.
 */
export function timesItTakes(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('workbook-time-it-takes', ({ tokens, env, Token }) => {
    const { relativePath = '' } = env as { relativePath?: string }
    const token = (type: string, tag: string, nesting: 0 | 1 | -1, content = ''): InstanceType<typeof Token> =>
      Object.assign(new Token(type, tag, nesting), { content })
    for (const { children } of tokens) {
      const place = children?.findIndex(({ type, content }) => type === 'html_inline' && content === '<TimeItTakes />') ?? -1
      if (children === null || place < 0) continue
      const link = token('link_open', 'a', 1)
      link.attrs = [['href', '/reference/#how-long-a-chapter-takes']]
      const effort = effortText(chapterEffort(relativePath.split('/')[0] ?? ''))
      children.splice(place, 1, token('text', '', 0, `${effort} (`), link, token('text', '', 0, 'estimated'), token('link_close', 'a', -1), token('text', '', 0, ').'))
    }
  })
}

/** In steps of five minutes; from an hour on in quarters: `25 minutes`, `1½ hours`. */
function spoken(minutes: number): string {
  const fives = inFives(minutes)
  if (fives < 60) return `${String(fives)} minutes`
  const quarters = Math.round(minutes / 15)
  const hours = `${String(Math.floor(quarters / 4))}${['', '¼', '½', '¾'][quarters % 4] ?? ''}`
  return `${hours} ${hours === '1' ? 'hour' : 'hours'}`
}
